"""What a synthetic release is and how far it can be trusted, in words for those who decide on it.

All of it is computed from the release: true errors are not looked up, for they would cost privacy themselves.
"""

from collections.abc import Sequence

import numpy as np

from tally.disclosure.report import Block, Grid, Heading, Language, Note, Picture, Words, bars, number, percent
from tally.synthesis.release import USABLE, Release

_BANDS = ((1, 10), (11, 50), (51, 200), (201, 1000), (1001, None))


def expected_by_size(release: Release) -> list[tuple[str, int, float]]:
    """For released counts by size: how many cells, and the mean 95 % half-width of the noise as a share of the "
    "count."""
    found = []
    for low, high in _BANDS:
        shares = []
        for table in release.tables:
            inside = (table.counts >= low) & (table.counts <= (high or np.inf))
            shares.extend((1.96 * table.sigma / table.counts[inside]).tolist())
        name = f"{low}–{high}" if high else f"{low}+"
        found.append((name, len(shares), float(np.mean(shares)) if shares else 0.0))
    return found


def account(release: Release, *, title: str, language: Language = "en", approved_by: str = "") -> list[Block]:
    """The report on a release, in English or Turkish."""
    blocks = _turkish(release, title, approved_by) if language == "tr" else _english(release, title, approved_by)
    words = _WORDS[language]
    sizes = expected_by_size(release)
    rows = tuple((name, number(cells, language), "±" + percent(share, language)) for name, cells, share in sizes)
    chart = bars(
        [(name, round(100 * share, 1)) for name, cells, share in sizes if cells], x=words["width"], y=words["count"]
    )
    head = (words["count"], words["cells"], words["width"])
    blocks.append(Heading(words["by_size"]))
    blocks.append(Picture(words["by_size_text"], chart, Grid(words["by_size"], head, rows)))
    blocks.append(Heading(words["cost"]))
    spent = sum(rho for _, rho in release.steps) or 1.0
    parts = _grouped(release.steps)
    blocks.append(
        Grid(words["cost_text"], (words["step"], words["share"]),
             tuple((words.get(step, step), percent(rho / spent, language)) for step, rho in parts))
    )  # fmt: skip
    blocks.append(Heading(words["lists"]))
    blocks.append(
        Words(words[release.domain.origin] + (f" ({release.domain.source})" if release.domain.source else ""))
    )
    if release.domain.origin == "said to be public":
        blocks.append(Note(words["lists_warning"]))
    return blocks


def _grouped(steps: Sequence[tuple[str, float]]) -> list[tuple[str, float]]:
    sums: dict[str, float] = {}
    for what, rho in steps:
        ways = what.count(" × ") + 1
        name = (
            what if what.startswith("which") else "look-up" if what.startswith("values of") else f"{min(ways, 4)}-way"
        )
        sums[name] = sums.get(name, 0.0) + rho
    return list(sums.items())


def _english(release: Release, title: str, approved_by: str) -> list[Block]:
    blocks: list[Block] = [
        Heading(title),
        Words(
            f"This release was computed from noisy counts only. Whoever reads it, with whatever else they know, "
            f"learns "
            f"nearly the same about a person whether or not that person's record was in the data: the difference is "
            f"limited by epsilon = {release.epsilon:.3g} at delta = {release.delta:.2g}."
        ),
    ]
    if release.is_usable:
        error = percent(release.expected_error, "en")
        blocks.append(
            Words(
                f"Released: {number(release.records, 'en')} made-up records and {len(release.tables)} tables. No "
                f"record "
                f"stands for a real person. Counts of two values together are expected to be off by about {error} "
                f"in all."
            )
        )
    else:
        blocks.append(Words(f"Released: {len(release.tables)} tables, each with its error bars; no records."))
        if release.expected_error == release.expected_error:  # a number, not "was not asked"
            blocks.append(
                Note(
                    f"Records would not be usable: at this epsilon the two-way counts would be off by about "
                    f"{percent(release.expected_error, 'en')}, and more than {percent(USABLE, 'en', 0)} misleads. "
                    f"The whole "
                    f"budget went into the tables, which are off by about {percent(release.expected_one_way, 'en')}."
                )
            )
    if approved_by:
        blocks.append(Words(f"Approved by: {approved_by}."))
    return blocks


def _turkish(release: Release, title: str, approved_by: str) -> list[Block]:
    epsilon, delta = f"{release.epsilon:.3g}".replace(".", ","), f"{release.delta:.2g}".replace(".", ",")
    blocks: list[Block] = [
        Heading(title),
        Words(
            f"Bu yayın yalnızca gürültü eklenmiş sayılardan hesaplandı. Okuyan kişi başka ne bilirse bilsin, bir "
            f"kişinin "
            f"kaydı veride olsa da olmasa da o kişi hakkında hemen hemen aynı şeyi öğrenir: fark, delta = {delta} "
            f"için "
            f"epsilon = {epsilon} ile sınırlıdır."
        ),
    ]
    if release.is_usable:
        blocks.append(
            Words(
                f"Yayımlanan: {number(release.records, 'tr')} yapay kayıt ve {len(release.tables)} tablo. Hiçbir "
                f"kayıt "
                f"gerçek bir kişiyi göstermez. İki değerin birlikte sayıları toplamda yaklaşık "
                f"{percent(release.expected_error, 'tr')} sapabilir."
            )
        )
    else:
        blocks.append(Words(f"Yayımlanan: hata paylarıyla birlikte {len(release.tables)} tablo; kayıt yok."))
        if release.expected_error == release.expected_error:
            blocks.append(
                Note(
                    f"Kayıtlar kullanılabilir olmazdı: bu epsilon ile iki değişkenli sayılar yaklaşık "
                    f"{percent(release.expected_error, 'tr')} sapardı; {percent(USABLE, 'tr', 0)} üzeri yanıltır. "
                    f"Bütün "
                    f"bütçe tablolara harcandı; tabloların sapması yaklaşık {percent(release.expected_one_way, 'tr')}."
                )
            )
    if approved_by:
        blocks.append(Words(f"Onaylayan: {approved_by}."))
    return blocks


_WORDS: dict[Language, dict[str, str]] = {
    "en": {
        "count": "Released count",
        "cells": "Cells",
        "width": "Error bar, % of the count",
        "by_size": "How right it is, by size of group",
        "by_size_text": "The smaller the group, the larger the noise beside it. In 95 of 100 cells the true count is "
        "within the error bar; small counts are a hint, not a figure.",
        "cost": "What it cost",
        "cost_text": "How the privacy budget was spent",
        "step": "Spent on",
        "share": "Share of the budget",
        "1-way": "Counts of single values",
        "2-way": "Counts of two values together",
        "3-way": "Counts of three values together",
        "4-way": "Larger tables",
        "which pairs": "Choosing the pairs",
        "which triples": "Choosing the triples",
        "look-up": "Looking up which values occur",
        "lists": "Where the code lists are from",
        "declared": "The lists of values are public and were declared beforehand",
        "looked up": "The lists of values were looked up within the budget; rare values are shown as (other)",
        "said to be public": "The lists of values were read from the records",
        "lists_warning": "The proof of privacy does not cover which values occur at all. It holds only if these lists "
        "are public anyway; whoever signs this release states that they are.",
    },
    "tr": {
        "count": "Yayımlanan sayı",
        "cells": "Hücre",
        "width": "Hata payı, sayının yüzdesi",
        "by_size": "Grup büyüklüğüne göre doğruluk",
        "by_size_text": "Grup küçüldükçe gürültünün payı büyür. 100 hücrenin 95’inde gerçek sayı hata payının "
        "içindedir; küçük sayılar kesin değer değil, işarettir.",
        "cost": "Mahremiyet maliyeti",
        "cost_text": "Mahremiyet bütçesi nasıl harcandı",
        "step": "Harcama",
        "share": "Bütçedeki pay",
        "1-way": "Tek değerlerin sayıları",
        "2-way": "İki değerin birlikte sayıları",
        "3-way": "Üç değerin birlikte sayıları",
        "4-way": "Daha büyük tablolar",
        "which pairs": "İkililerin seçimi",
        "which triples": "Üçlülerin seçimi",
        "look-up": "Hangi değerlerin bulunduğunun öğrenilmesi",
        "lists": "Kod listeleri nereden geldi",
        "declared": "Değer listeleri herkese açıktır ve önceden bildirilmiştir",
        "looked up": "Değer listeleri bütçe içinde öğrenildi; seyrek değerler (other) olarak gösterilir",
        "said to be public": "Değer listeleri kayıtlardan okundu",
        "lists_warning": "Mahremiyet kanıtı, hangi değerlerin hiç bulunup bulunmadığını kapsamaz. Yalnızca bu "
        "listeler "
        "zaten herkese açıksa geçerlidir; yayını imzalayan bunun böyle olduğunu beyan eder.",
    },
}
