"""What the tool says in words, in English and Turkish: the assumption, and the reasons of a verdict.

Every text names the number it rests on, so that a reader who is no statistician can ask about it.
"""

from tally.prevalence.result import PUBLISH, RANGE, REFUSE, Reason

LANGUAGES = ("en", "tr")

ASSUMPTION = {
    "en": (
        "The estimate assumes that, once the dependences named beside it are allowed for, being on one list "
        "says nothing "
        "about being on another; that all lists together are not tied in a way no pair of them shows; that "
        "everyone had "
        "some chance of being on each list; that nobody joined or left the population in the period; and that records "
        "were matched without error. The data can test none of the last four and only part of the first."
    ),
    "tr": (
        "Tahmin şunları varsayar: yanında adı geçen bağımlılıklar hesaba katıldıktan sonra bir listede bulunmak "
        "başka bir "
        "listede bulunmak hakkında bilgi vermez; listelerin tümü birlikte, hiçbir ikilinin göstermediği biçimde "
        "birbirine bağlı değildir; herkesin her listede bulunma olasılığı vardır; dönem boyunca topluluğa "
        "katılan ya da "
        "ayrılan olmamıştır; kayıtlar hatasız eşleştirilmiştir. Son dört varsayımı veriler sınayamaz, ilkini "
        "ise ancak "
        "kısmen sınayabilir."
    ),
}

_TEXTS: dict[str, tuple[str, str, str]] = {
    "steady": (
        PUBLISH,
        "The methods agree within a factor of {ratio}, the interval is resolved, and enough people are on "
        "several lists "
        "({overlapping}).",
        "Yöntemler {ratio} kat içinde birbirini tutuyor, güven aralığı belirlenebiliyor ve birden çok listede "
        "yeterince "
        "kişi var ({overlapping}).",
    ),
    "little-overlap": (
        REFUSE,
        "Only {overlapping} people are on more than one list; at least {fewest} are needed. The number of "
        "unseen people is "
        "inferred from overlap, and there is too little.",
        "Birden çok listede yalnızca {overlapping} kişi var; en az {fewest} kişi gerekir. Görülmeyenlerin "
        "sayısı listelerin "
        "örtüşmesinden çıkarılır; örtüşme çok az.",
    ),
    "no-estimate": (
        REFUSE,
        "The recommended method has no estimate on this table.",
        "Önerilen yöntem bu tabloda tahmin veremiyor.",
    ),
    "no-upper-limit": (
        REFUSE,
        "In {share} per cent of the resampled tables there is no finite estimate, so no upper limit can be given.",
        "Yeniden örneklenen tabloların yüzde {share} kadarında sonlu bir tahmin yok; bu nedenle üst sınır verilemez.",
    ),
    "methods-disagree": (
        REFUSE,
        "Methods that fit the data put the total anywhere from {low} to {high}, more than twofold apart. Any "
        "one figure "
        "would be a choice of method, not a finding.",
        "Veriye uyan yöntemler toplamı {low} ile {high} arasında, iki kattan fazla farkla veriyor. Tek bir sayı bulgu "
        "değil, yöntem seçimi olur.",
    ),
    "methods-differ": (
        RANGE,
        "Methods that fit the data give totals from {low} to {high}: say both.",
        "Veriye uyan yöntemler {low} ile {high} arasında toplamlar veriyor: ikisi birden söylenmeli.",
    ),
    "one-method": (
        RANGE,
        "Only one method was asked for, so agreement between methods is not known.",
        "Yalnızca bir yöntem kullanıldı; yöntemlerin birbirini tutup tutmadığı bilinmiyor.",
    ),
    "interval-unresolved": (
        RANGE,
        "A limit of the interval rests on fewer than ten resampled tables and is not known.",
        "Güven aralığının bir sınırı ondan az yeniden örneklemeye dayanıyor; bilinmiyor.",
    ),
    "simulation-error": (
        RANGE,
        "The limits of the interval still carry a simulation error above one per cent of the estimate after "
        "{replicates} "
        "resampled tables.",
        "{replicates} yeniden örneklemeden sonra bile aralık sınırlarındaki benzetim hatası tahminin yüzde "
        "birinden büyük.",
    ),
    "interval-wide": (
        RANGE,
        "The upper limit is {times} times the lower one.",
        "Üst sınır, alt sınırın {times} katı.",
    ),
    "choices-differ": (
        RANGE,
        "Leaving out or merging lists moves the total between {low} and {high}.",
        "Liste çıkarmak ya da birleştirmek toplamı {low} ile {high} arasında oynatıyor.",
    ),
    "poor-fit": (
        RANGE,
        "The chosen model fits the table badly: only {share} per cent of tables drawn from it fit worse.",
        "Seçilen model tabloya kötü uyuyor: modelden çekilen tabloların yalnızca yüzde {share} kadarı daha kötü "
        "uyuyor.",
    ),
    "empty-lists": (
        RANGE,
        "In {share} per cent of the resampled tables a list is empty: one list is too small to lean on.",
        "Yeniden örneklenen tabloların yüzde {share} kadarında bir liste boş kalıyor: listelerden biri "
        "dayanılamayacak "
        "kadar küçük.",
    ),
    "chains-disagree": (
        RANGE,
        "The latent-class sampler found several answers (R-hat {r_hat}) and refuses to choose.",
        "Örtük sınıf örnekleyicisi birden çok yanıt buldu (R-hat {r_hat}) ve seçim yapmayı reddediyor.",
    ),
    "prior-binds": (
        RANGE,
        "The average over graphs is held back by the largest population it was allowed to consider.",
        "Çizgeler üzerinden alınan ortalama, izin verilen en büyük toplulukla sınırlanıyor.",
    ),
    "search-cut-short": (
        RANGE,
        "There are too many models to search them all; a better one may exist.",
        "Model sayısı tümünü aramaya elvermeyecek kadar çok; daha iyisi bulunabilir.",
    ),
}


def reason(code: str, **facts: object) -> Reason:
    """The reason `code` with its numbers put in.

    >>> reason("interval-wide", times="3.1").en
    'The upper limit is 3.1 times the lower one.'
    """
    verdict, english, turkish = _TEXTS[code]
    return Reason(code, verdict, english.format(**facts), turkish.format(**_turkish(facts)))


def codes() -> tuple[str, ...]:
    """Every code a reason can have."""
    return tuple(_TEXTS)


def people(number: float | None, language: str = "en") -> str:
    """A number of people for reading: rounded to three significant figures, grouped as the language does.

    >>> people(23016.4), people(23016.4, "tr"), people(157.2)
    ('23,000', '23.000', '157')
    """
    if number is None:
        return "?"
    digits = max(0, len(str(int(number))) - 3)
    grouped = f"{round(number, -digits):,.0f}"
    return grouped.replace(",", ".") if language == "tr" else grouped


def _turkish(facts: dict[str, object]) -> dict[str, object]:
    """Numbers given as text in English notation, in Turkish notation."""
    swap = str.maketrans(",.", ".,")
    return {name: value.translate(swap) if isinstance(value, str) else value for name, value in facts.items()}
