"""What an estimate consists of, and its JSON form."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from tally.prevalence.histories import Histories
from tally.prevalence.intervals import Interval

PUBLISH, RANGE, REFUSE = "publish", "publish as a range", "refuse"


@dataclass(frozen=True, slots=True)
class MethodEstimate:
    """One method's answer, in people; None where the method has none.

    `terms` names the dependences the method took in (for graphs: the edges of the most probable one), `criterion` what
    it chose by and the value reached, `existence` the code 0 to 3 of the fitted model (None where there is no
    likelihood to maximise). `details` holds what else the method reports.
    """

    name: str
    estimate: float | None
    dark_figure: float | None
    terms: tuple[str, ...]
    criterion: dict[str, Any]
    interval: Interval | None
    existence: int | None
    details: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The published keys of a method, and `details`."""
        unknown = {"level": None, "method": None, "low": None, "high": None, "mc_se_low": None, "mc_se_high": None}
        return {
            "estimate": self.estimate,
            "dark_figure": self.dark_figure,
            "terms": list(self.terms),
            "criterion": self.criterion,
            "interval": self.interval.to_dict() if self.interval else {**unknown, "resolved": False},
            "existence": self.existence,
            "details": self.details,
        }


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason of the verdict in words anyone can read; `code` is stable, `verdict` what the reason asks for."""

    code: str
    verdict: str
    en: str
    tr: str

    def to_dict(self) -> dict[str, str]:
        return {"code": self.code, "verdict": self.verdict, "en": self.en, "tr": self.tr}


@dataclass(frozen=True, slots=True)
class Spread:
    """Lowest and highest estimate in people, and the highest divided by the lowest; None where there is none."""

    low: float | None
    high: float | None

    @property
    def ratio(self) -> float | None:
        return None if self.low is None or self.high is None else self.high / self.low

    @classmethod
    def of(cls, estimates: list[float | None]) -> Spread:
        """Spread of the estimates that exist.

        >>> Spread.of([100.0, None, 150.0]).ratio
        1.5
        """
        known = [estimate for estimate in estimates if estimate is not None]
        return cls(min(known), max(known)) if known else cls(None, None)

    def to_dict(self) -> dict[str, float | None]:
        return {"low": self.low, "high": self.high, "ratio": self.ratio}


@dataclass(frozen=True, slots=True)
class Estimate:
    """The whole answer: what was observed, every method's estimate, how far they spread, and whether to publish.

    `recommended` names the method to publish, `range` the limits to publish if the verdict is a range. `details`
    carries the assumption in words, the fit, and the sensitivity to thresholds, orders, omissions, merges and a
    hidden term.
    """

    histories: Histories
    methods: dict[str, MethodEstimate]
    recommended: str
    spread: Spread
    verdict: str
    reasons: tuple[Reason, ...]
    range: tuple[float | None, float | None]
    details: dict[str, Any]
    seconds: float
    version: str

    @property
    def observed(self) -> int:
        return self.histories.observed

    @property
    def best(self) -> MethodEstimate:
        """The recommended method's answer."""
        return self.methods[self.recommended]

    def to_dict(self) -> dict[str, Any]:
        """The published JSON keys; whatever is not among them is under `details`."""
        told: dict[str, Any] = _plain(
            {
                "observed": self.observed,
                "lists": list(self.histories.lists),
                "overlap": self.histories.overlap().tolist(),
                "methods": {name: method.to_dict() for name, method in self.methods.items()},
                "spread": self.spread.to_dict(),
                "verdict": self.verdict,
                "reasons": [reason.to_dict() for reason in self.reasons],
                "seconds": self.seconds,
                "version": self.version,
                "details": {"recommended": self.recommended, "range": list(self.range), **self.details},
            }
        )
        return told


def _plain(value: Any) -> Any:
    """The value as strict JSON can hold it: what is not finite is None."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
