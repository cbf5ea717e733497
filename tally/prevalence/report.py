"""A report for people: the verdict first, then every picture with its numbers as a table under it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tally.prevalence.report_words import WORDS
from tally.prevalence.result import PUBLISH, RANGE, Estimate, MethodEstimate
from tally.prevalence.strata import StrataEstimate
from tally.prevalence.wording import LANGUAGES, people

MOST_HISTORIES = 25


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text under a header; `names` is the number of leading columns that are words, not numbers."""

    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    names: int = 1


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it. `chart` draws an Altair chart when it is called, or is None."""

    title: str
    notes: tuple[str, ...] = ()
    chart: Callable[[], Any] | None = None
    tables: tuple[Table, ...] = ()
    points: tuple[str, ...] = ()


def _drawing(picture: str, *facts: Any) -> Callable[[], Any]:
    """A picture to be drawn when it is needed: a report in a terminal needs none, and Altair is slow to load."""

    def draw() -> Any:
        from tally.prevalence import pictures

        return getattr(pictures, picture)(*facts)

    return draw


@dataclass(frozen=True, slots=True)
class Document:
    """A report before it is HTML or PDF."""

    language: str
    title: str
    subtitle: str
    verdict: str
    headline: str
    sections: tuple[Section, ...]


def write_report(
    answer: Estimate, path: str | Path, *, language: str = "en", strata: StrataEstimate | None = None, seed: int = 1
) -> None:
    """Write the report to `path`, as HTML that needs nothing else or as PDF, by its ending.

    `language` is "en" or "tr". `seed` is the one given to `estimate`, to be printed.
    Raises ValueError for another ending or language.
    """
    from tally.prevalence import rendering

    target = Path(path)
    if language not in LANGUAGES:
        raise ValueError(f"{language!r} is not one of {', '.join(LANGUAGES)}")
    document = compose(answer, language=language, strata=strata, seed=seed)
    if target.suffix.lower() == ".html":
        target.write_text(rendering.to_html(document), encoding="utf-8")
    elif target.suffix.lower() == ".pdf":
        target.write_bytes(rendering.to_pdf(document))
    else:
        raise ValueError(f"a report is .html or .pdf, not {target.suffix or 'without an ending'}")


def compose(answer: Estimate, *, language: str, strata: StrataEstimate | None, seed: int) -> Document:
    """The report's text, tables and charts."""
    writer = _Writer(answer, language)
    words = writer.words
    sections = [
        Section(words["why"], points=tuple(getattr(reason, language) for reason in answer.reasons)),
        writer.estimates(),
        *([writer.strata(strata)] if strata else []),
        writer.overlap(),
        *writer.sensitivity(),
        writer.fit(),
        Section(words["assumption"], notes=(answer.details["assumption"][language],)),
        writer.made(seed),
    ]
    return Document(
        language=language,
        title=words["title"],
        subtitle=words["subtitle"].format(lists=len(answer.histories.lists), observed=writer.number(answer.observed)),
        verdict=words[answer.verdict],
        headline=writer.headline(),
        sections=tuple(sections),
    )


class _Writer:
    """Sections in one language."""

    def __init__(self, answer: Estimate, language: str) -> None:
        self.answer = answer
        self.language = language
        self.words = WORDS[language]
        self.histories = answer.histories
        self.sensitivities: Mapping[str, Any] = answer.details["sensitivity"]

    def number(self, value: float | None, digits: int = 0) -> str:
        if value is None:
            return "–"
        text = f"{value:,.{digits}f}"
        return text.translate(str.maketrans(",.", ".,")) if self.language == "tr" else text

    def method(self, name: str) -> str:
        return self.words["bic method" if name == "bic" else name]

    def headline(self) -> str:
        answer, words = self.answer, self.words
        if answer.verdict == PUBLISH and answer.best.interval:
            limits = answer.best.interval
            return words["headline"].format(
                estimate=people(answer.best.estimate, self.language),
                level=f"{100 * limits.level:g}",
                low=people(limits.low, self.language),
                high=people(limits.high, self.language),
                method=self.method(answer.recommended),
            )
        if answer.verdict == RANGE and None not in answer.range:
            low, high = (people(limit, self.language) for limit in answer.range)
            return words["headline range"].format(low=low, high=high)
        return words["headline refuse"]

    def limit(self, method: MethodEstimate, side: str) -> str:
        interval = method.interval
        if interval is None:
            return "–"
        known = interval.low if side == "low" else interval.high
        if known is not None:
            return self.number(known)
        beyond = interval.beyond_low if side == "low" else interval.beyond_high
        if beyond is None:
            return self.words["not resolved"]
        where = self.words["below" if side == "low" else "above"].format(number=self.number(beyond))
        return f"{self.words['not resolved']} ({where})"

    def estimates(self) -> Section:
        words, answer = self.words, self.answer
        drawn, rows = [], []
        for name, method in answer.methods.items():
            label = self.method(name) + (f" ({words['recommended']})" if name == answer.recommended else "")
            interval = method.interval
            drawn.append(
                {
                    "method": label,
                    "estimate": method.estimate,
                    "low": interval.low if interval else None,
                    "high": interval.high if interval else None,
                }
            )
            errors = (interval.mc_se_low, interval.mc_se_high) if interval else (None, None)
            rows.append(
                (
                    label,
                    self.number(method.estimate),
                    self.number(method.dark_figure),
                    self.limit(method, "low"),
                    self.limit(method, "high"),
                    f"{self.number(errors[0])} / {self.number(errors[1])}",
                )
            )
        header = ("method", "estimate", "unseen", "lower limit", "upper limit", "error")
        terms = tuple(
            (self.method(name), "–" if method.estimate is None else " ".join(method.terms) or words["none"])
            for name, method in answer.methods.items()
        )
        return Section(
            title=words["estimates"],
            notes=(words["estimates note"],),
            chart=_drawing("estimates_plot", drawn, answer.observed, words),
            tables=(
                Table(words["estimates"], tuple(words[key] for key in header), tuple(rows)),
                Table(words["terms by method"], (words["method"], words["terms"]), terms, names=2),
            ),
        )

    def strata(self, strata: StrataEstimate) -> Section:
        words = self.words
        rows = [
            (
                " · ".join(stratum.stratum),
                self.number(stratum.observed),
                self.number(stratum.own),
                self.number(stratum.estimate),
                self.number(stratum.interval.low),
                self.number(stratum.interval.high),
                f"{100 * stratum.own_weight:.0f} %",
            )
            for stratum in strata.strata
        ]
        seen = sum(stratum.observed for stratum in strata.strata)
        limits = (self.number(strata.interval.low), self.number(strata.interval.high))
        rows.append((words["total"], self.number(seen), "–", self.number(strata.total), *limits, "–"))
        drawn = [
            {
                "method": " · ".join(stratum.stratum),
                "estimate": stratum.estimate,
                "low": stratum.interval.low,
                "high": stratum.interval.high,
            }
            for stratum in strata.strata
        ]
        header = ("stratum", "people", "estimate", "total", "lower limit", "upper limit", "own evidence")
        return Section(
            title=words["strata"].format(by=", ".join(strata.by)),
            notes=(words["strata note"].format(unstratified=self.number(strata.unstratified)),),
            chart=_drawing("estimates_plot", drawn, 0, words),
            tables=(
                Table(words["strata"].format(by=", ".join(strata.by)), tuple(words[k] for k in header), tuple(rows)),
            ),
        )

    def overlap(self) -> Section:
        words, histories = self.words, self.histories
        pairs = zip(histories.masks, histories.counts, strict=True)
        counted = sorted(((mask, histories.name(mask), count) for mask, count in pairs), key=lambda row: -row[2])
        notes = [words["overlap note"]]
        if len(counted) > MOST_HISTORIES:
            notes.append(words["overlap rest"].format(shown=MOST_HISTORIES, all=len(counted)))
        matrix = tuple(
            (name, *(self.number(float(cell)) for cell in row))
            for name, row in zip(histories.lists, histories.overlap(), strict=True)
        )
        return Section(
            title=words["overlap"],
            notes=tuple(notes),
            chart=_drawing("overlap_plot", histories.lists, counted[:MOST_HISTORIES], words),
            tables=(
                Table(words["matrix"], ("", *histories.lists), matrix),
                Table(
                    words["overlap"],
                    (words["history"], words["people"]),
                    tuple((name.replace(":", " + "), self.number(count)) for _, name, count in counted),
                ),
            ),
        )

    def sensitivity(self) -> list[Section]:
        words, found = self.words, self.sensitivities
        sections = []
        if found.get("thresholds"):
            rows = self.variants(found["thresholds"])
            header = (words["threshold"], words["estimate"], words["terms"])
            sections.append(
                Section(
                    words["thresholds"],
                    (words["thresholds note"],),
                    _drawing("thresholds_plot", found["thresholds"], words),
                    (Table(words["thresholds"], header, rows),),
                )
            )
        changed = [
            {**variant, "kind": words[kind], "choice": variant["choice"].replace("-", "− ", 1).replace("+", " + ")}
            for key, kind in (("omissions", "left out"), ("merges", "merged"))
            for variant in found.get(key, [])
        ]
        if changed and self.answer.best.estimate is not None:
            header = (words["choice"], words["estimate"], words["terms"])
            sections.append(
                Section(
                    words["choices"],
                    (words["choices note"],),
                    _drawing("choices_plot", changed, self.answer.best.estimate, words),
                    (Table(words["choices"], header, self.variants(changed)),),
                )
            )
        if found.get("fixed_bias"):
            curve = found["fixed_bias"]
            rows = tuple(
                (self.number(p["factor"], 2), *(self.number(p[key]) for key in ("estimate", "low", "high")))
                for p in curve
            )
            names = ("factor", "estimate", "lower limit", "upper limit")
            sections.append(
                Section(
                    words["bias"],
                    (words["bias note"],),
                    _drawing("bias_plot", curve, words),
                    (Table(words["bias"], tuple(words[key] for key in names), rows, names=0),),
                )
            )
        return sections

    def variants(self, variants: Sequence[Mapping[str, Any]]) -> tuple[tuple[str, ...], ...]:
        return tuple(
            (
                variant["choice"].replace(".", ",") if self.language == "tr" else variant["choice"],
                self.number(variant["estimate"]) if variant["estimate"] is not None else self.words["none"],
                " ".join(variant["terms"]) or self.words["none"],
            )
            for variant in variants
        )

    def fit(self) -> Section:
        words = self.words
        rows = []
        for name, method in self.answer.methods.items():
            fit = method.details.get("fit")
            if not fit:
                continue
            given = method.details["given_the_model"]
            rows.append(
                (
                    self.method(name),
                    str(method.existence),
                    self.number(method.details["bic"], 1),
                    f"{self.number(fit['deviance'], 1)} ({fit['degrees_of_freedom']})",
                    self.number(fit["p_value"], 3),
                    *(f"{self.number(given[k]['low'])}–{self.number(given[k]['high'])}" for k in ("profile", "wald")),
                )
            )
        header = ("method", "existence", "bic", "deviance", "p_value", "profile", "wald")
        return Section(
            words["fit"],
            (words["fit note"],),
            tables=(Table(words["fit"], tuple(words[key] for key in header), tuple(rows)),),
        )

    def made(self, seed: int) -> Section:
        answer = self.answer
        text = self.words["made note"].format(
            version=answer.version,
            seed=seed,
            replicates=self.number(answer.best.details.get("replicates", 0)),
            empty=self.number(100 * answer.details.get("share_with_empty_list", 0.0), 1),
        )
        return Section(self.words["made"], (text,))
