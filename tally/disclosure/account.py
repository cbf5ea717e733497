"""What was protected, what it cost and what the attack found, in words for those who decide."""

from tally.disclosure.attack import Attack
from tally.disclosure.protect import Protected
from tally.disclosure.report import Block, Grid, Heading, Language, Note, Picture, Words, bars, number, percent


def of_attack(attack: Attack, *, title: str, language: Language = "en", most: int = 40) -> list[Block]:
    """The report on an attack: counts, the chart of them, and the first findings with their derivations."""
    w = _WORDS[language]
    counts = [
        (w["suppressed"], attack.suppressed),
        (w["exact"], attack.derived_exactly),
        (w["narrowed"], attack.narrowed),
        (w["inconsistencies"], attack.inconsistencies),
        (w["duplicates"], attack.duplicates),
    ]
    share = percent(attack.derived_exactly / attack.suppressed, language) if attack.suppressed else "0"
    verdict = w["clean"] if attack.is_clean else w["broken"].format(share=share)
    grid = Grid(w["found"], (w["what"], w["how_many"]), tuple((a, number(b, language)) for a, b in counts))
    blocks: list[Block] = [Heading(title), Words(w["about"]), (Words if attack.is_clean else Note)(verdict)]
    chart = bars([(a, float(b)) for a, b in counts], x=w["how_many"], y="")
    blocks += [Heading(w["found"]), Picture(w["picture"], chart, grid)]
    shown = [f for f in attack.findings if f.kind in {"exact", "narrowed"}][:most]
    if shown:
        rows = tuple(
            (f.cell, str(f.low) if f.low == f.high else f"{f.low}–{f.high}", " → ".join(f.derivation)) for f in shown
        )
        blocks += [Heading(w["how"]), Grid(w["first"].format(n=len(shown)), (w["cell"], w["value"], w["steps"]), rows)]
    faults = [f for f in attack.findings if f.kind not in {"exact", "narrowed"}][:most]
    if faults:
        rows = tuple((w.get(f.kind, f.kind), f.message, ", ".join(f.places[:2])) for f in faults)
        blocks += [
            Heading(w["faults"]),
            Grid(w["first"].format(n=len(faults)), (w["kind"], w["what"], w["where"]), rows),
        ]
    return blocks


def of_protection(protected: Protected, *, title: str, language: Language = "en", threshold: int = 0) -> list[Block]:
    """The report on protected tables: what was done, the loss beside its lower bound, and the audit."""
    w = _WORDS[language]
    blocks: list[Block] = [Heading(title)]
    if protected.loss is not None:
        loss = protected.loss
        hidden, cells, small = (number(n, language) for n in (loss.hidden, loss.cells, loss.small))
        text = w["suppressed_text"].format(threshold=threshold, hidden=hidden, cells=cells, small=small)
        blocks.append(Words(text))
        share = [(w["loss"], loss.share), (w["bound"], loss.bound / loss.weight_all if loss.weight_all else 0.0)]
        grid = Grid(w["cost"], (w["what"], w["share"]), tuple((a, percent(b, language)) for a, b in share))
        chart = bars([(a, round(100 * b, 2)) for a, b in share], x=w["share"], y="")
        blocks += [Heading(w["cost"]), Picture(w["optimal"] if loss.is_optimal else w["not_optimal"], chart, grid)]
    elif protected.base:
        blocks.append(
            Words(
                w["rounded_text"].format(
                    base=protected.base, within=protected.within, mean=number(protected.mean_change, language, 2)
                )
            )
        )
    audit = protected.audit
    blocks += [Heading(w["audit"]), Words(w["audit_text"].format(cells=number(audit.cells, language)))]
    return blocks


_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "about": "The published tables were attacked with nothing but themselves: every sum that their labels "
        "imply was "
        "used to work out the counts that were hidden.",
        "clean": "No hidden count could be worked out, exactly or nearly.",
        "broken": "{share} of the hidden counts can be worked out exactly. These tables do not protect the people "
        "in them.",
        "suppressed": "Hidden counts",
        "exact": "Worked out exactly",
        "narrowed": "Worked out nearly",
        "inconsistencies": "Sums that do not hold",
        "duplicates": "Cells given twice",
        "found": "What was found",
        "picture": "Hidden counts, those that were worked out, and faults of the tables.",
        "what": "What",
        "how_many": "How many",
        "how": "How they were worked out",
        "first": "The first {n}",
        "cell": "Cell",
        "value": "Value",
        "steps": "Derivation",
        "faults": "Faults of the tables",
        "kind": "Kind",
        "where": "Where",
        "inconsistency": "does not add up",
        "duplicate": "given twice",
        "impossible": "no count",
        "label": "label",
        "suppressed_text": "Counts under {threshold} are hidden, and others that would give them away: {hidden} "
        "of {cells} "
        "cells, of which {small} are small themselves. All are printed as x, so that nobody can tell which is which.",
        "cost": "What it cost",
        "loss": "Information hidden",
        "bound": "No safe table can hide less than",
        "share": "Share of the information, %",
        "optimal": "This is the least loss there is: it was proven optimal.",
        "not_optimal": "The loss beside a proven lower bound: the best possible table lies between the two.",
        "rounded_text": "Every count is a multiple of {base} and every margin is the sum of its parts. The "
        "innermost counts "
        "moved by less than {base}, margins by at most {within}, cells on average by {mean}.",
        "audit": "The attack on the result",
        "audit_text": "The files were attacked before they were written. Of {cells} cells no hidden one is "
        "determined, and "
        "all sums hold.",
    },
    "tr": {
        "about": "Yayımlanan tablolara yalnızca kendileriyle saldırıldı: etiketlerin gerektirdiği bütün "
        "toplamlar, gizlenen "
        "sayıları bulmak için kullanıldı.",
        "clean": "Gizlenen hiçbir sayı tam ya da yaklaşık olarak bulunamadı.",
        "broken": "Gizlenen sayıların {share} kadarı tam olarak bulunabiliyor. Bu tablolar içindeki kişileri "
        "korumuyor.",
        "suppressed": "Gizlenen sayılar",
        "exact": "Tam bulunan",
        "narrowed": "Yaklaşık bulunan",
        "inconsistencies": "Tutmayan toplamlar",
        "duplicates": "İki kez verilen hücreler",
        "found": "Ne bulundu",
        "picture": "Gizlenen sayılar, bunlardan bulunanlar ve tabloların kusurları.",
        "what": "Ne",
        "how_many": "Kaç",
        "how": "Nasıl bulundu",
        "first": "İlk {n}",
        "cell": "Hücre",
        "value": "Değer",
        "steps": "Türetme",
        "faults": "Tabloların kusurları",
        "kind": "Tür",
        "where": "Yer",
        "inconsistency": "toplam tutmuyor",
        "duplicate": "iki kez verilmiş",
        "impossible": "sayı değil",
        "label": "etiket",
        "suppressed_text": "{threshold} altındaki sayılar ve onları ele verecek olanlar gizlendi: {cells} "
        "hücreden {hidden} "
        "tanesi; {small} tanesinin kendisi küçüktür. Hepsi x olarak basılır; hangisinin hangisi olduğu anlaşılmaz.",
        "cost": "Maliyeti",
        "loss": "Gizlenen bilgi",
        "bound": "Güvenli hiçbir tablonun altına inemeyeceği sınır",
        "share": "Bilgideki pay, %",
        "optimal": "Olabilecek en küçük kayıp budur: en iyi olduğu kanıtlandı.",
        "not_optimal": "Kayıp ve kanıtlanmış alt sınır: olabilecek en iyi tablo ikisinin arasındadır.",
        "rounded_text": "Her sayı {base} sayısının katıdır ve her toplam parçalarının toplamıdır. En içteki sayılar "
        "{base} sayısından az, toplamlar en çok {within}, hücreler ortalama {mean} değişti.",
        "audit": "Sonuca yapılan saldırı",
        "audit_text": "Dosyalara yazılmadan önce saldırıldı. {cells} hücreden gizlenen hiçbiri belirlenemiyor ve "
        "bütün "
        "toplamlar tutuyor.",
    },
}
