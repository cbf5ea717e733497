"""What the signs of a screening say. Takes values and returns values; advises, and never decides.

The rule is that of the ILO operational indicators of trafficking in human beings (2009): in each of six dimensions
every sign is strong, medium or weak for a profile, and a dimension is positive by how many of which were seen.
From the dimensions follow the elements of the offence (Palermo Protocol art. 3, Penal Code art. 80).
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kalkan.vocabulary.models import Dimension, Profile, Weight

ACT_QUESTION = "act"
SEEN = frozenset({"yes", "observed"})
CHILD_PROFILES = frozenset({Profile.CHILD_LABOUR, Profile.CHILD_SEXUAL})
RECRUITMENT = (
    Dimension.DECEPTIVE_RECRUITMENT,
    Dimension.COERCIVE_RECRUITMENT,
    Dimension.RECRUITMENT_BY_ABUSE,
)
# Deception, force and abuse of a position of vulnerability, on the way or at the place.
MEANS = (*RECRUITMENT, Dimension.COERCION_AT_DESTINATION, Dimension.ABUSE_AT_DESTINATION)


class Sign(NamedTuple):
    """One indicator as it weighs for the profile of a screening."""

    code: str
    dimension: str
    weight: str
    verification: str
    label: str = ""

    @property
    def is_verified(self) -> bool:
        return self.verification in {"primary", "secondary"}

    @property
    def weight_label(self) -> str:
        return str(Weight(self.weight).label)


class Rule(NamedTuple):
    """One way in which a dimension becomes positive: at least this many strong, and this many others."""

    strong: int
    medium: int
    weak: int


class Finding(TextChoices):
    """What is known of one element of the offence."""

    FOUND = "found", gettext_lazy("Signs found")
    NOT_FOUND = "not_found", gettext_lazy("No signs found")
    UNKNOWN = "unknown", gettext_lazy("Not known yet")
    NOT_ASKED = "not_asked", gettext_lazy("Not asked: for a child the means do not matter")


class Advice(TextChoices):
    """What the signs together advise."""

    SIGNS = "signs", gettext_lazy("Signs of trafficking")
    UNCLEAR = "unclear", gettext_lazy("Some signs, but not every element")
    NO_SIGNS = "no_signs", gettext_lazy("No signs of trafficking now")


class DimensionResult(NamedTuple):
    """One dimension: what was seen in it, whether that is enough, and why in words."""

    dimension: str
    is_positive: bool
    strong: tuple[Sign, ...]
    medium: tuple[Sign, ...]
    weak: tuple[Sign, ...]
    open_questions: int
    why: str

    @property
    def seen(self) -> tuple[Sign, ...]:
        return self.strong + self.medium + self.weak

    @property
    def label(self) -> str:
        return str(Dimension(self.dimension).label)


class Step(NamedTuple):
    """One element of the offence, in the order in which it is tested."""

    element: str
    label: str
    finding: Finding
    why: str


class Assessment(NamedTuple):
    """Everything the result page says."""

    profile: str
    is_child: bool
    dimensions: tuple[DimensionResult, ...]
    steps: tuple[Step, ...]
    advice: Advice
    unverified: tuple[Sign, ...]
    answered: int
    asked: int

    @property
    def positive(self) -> tuple[DimensionResult, ...]:
        return tuple(result for result in self.dimensions if result.is_positive)


def satisfied_rule(*, strong: int, medium: int, weak: int) -> Rule | None:
    """The combination by which a dimension with these counts is positive, or None if it is not.

    >>> satisfied_rule(strong=1, medium=0, weak=1)
    Rule(strong=1, medium=0, weak=1)
    >>> satisfied_rule(strong=0, medium=1, weak=9) is None
    True
    """
    for rule in (Rule(2, 0, 0), Rule(1, 1, 0), Rule(1, 0, 1), Rule(0, 3, 0), Rule(0, 2, 1)):
        if strong >= rule.strong and medium >= rule.medium and weak >= rule.weak:
            return rule
    return None


def is_positive(*, strong: int, medium: int, weak: int) -> bool:
    """True with 2 strong, or 1 strong + 1 medium or weak, or 3 medium, or 2 medium + 1 weak."""
    return satisfied_rule(strong=strong, medium=medium, weak=weak) is not None


def assess(profile: str, signs: Iterable[Sign], answers: Mapping[str, str]) -> Assessment:
    """What `answers` (question code → yes, no, unknown or observed) say for `profile`.

    `signs` are the indicators that weigh for this profile. A sign seen by the officer counts like one told by
    the person. Raises ValueError for an unknown profile.
    """
    is_child = Profile(profile) in CHILD_PROFILES
    by_dimension: dict[str, list[Sign]] = {str(dimension): [] for dimension in Dimension}
    for sign in signs:
        by_dimension[sign.dimension].append(sign)
    dimensions = tuple(_result(dimension, found, answers) for dimension, found in by_dimension.items())
    steps = _steps(dimensions, answers, is_child=is_child)
    seen = [sign for result in dimensions for sign in result.seen]
    every = [sign for found in by_dimension.values() for sign in found]
    return Assessment(
        profile=str(profile),
        is_child=is_child,
        dimensions=dimensions,
        steps=steps,
        advice=_advice(dimensions, steps),
        unverified=tuple(sign for sign in seen if not sign.is_verified),
        answered=sum(answers.get(sign.code, "unknown") != "unknown" for sign in every),
        asked=len(every),
    )


def departs(advice: str, conclusion: str) -> bool:
    """True if an officer who concludes so goes another way than the signs, and must say why.

    Where the signs are unclear, going on is the careful way and needs no reason; stopping does.
    """
    return (conclusion == Advice.NO_SIGNS) != (advice == Advice.NO_SIGNS)


def _result(dimension: str, signs: list[Sign], answers: Mapping[str, str]) -> DimensionResult:
    seen = [sign for sign in signs if answers.get(sign.code) in SEEN]
    strong, medium, weak = (
        tuple(sign for sign in seen if sign.weight == weight) for weight in (Weight.STRONG, Weight.MEDIUM, Weight.WEAK)
    )
    rule = satisfied_rule(strong=len(strong), medium=len(medium), weak=len(weak))
    unanswered = sum(answers.get(sign.code, "unknown") == "unknown" for sign in signs)
    why = _why(rule, len(strong), len(medium), len(weak))
    return DimensionResult(dimension, rule is not None, strong, medium, weak, unanswered, why)


def _why(rule: Rule | None, strong: int, medium: int, weak: int) -> str:
    if strong + medium + weak == 0:
        return _("No sign was seen.")
    counts = _counted(strong, medium, weak)
    if rule is None:
        return _("%(counts)s seen. That is not enough by itself.") % {"counts": counts}
    return _("%(counts)s seen. Enough is: %(rule)s.") % {"counts": counts, "rule": _counted(*rule)}


def _counted(strong: int, medium: int, weak: int) -> str:
    parts = []
    if strong:
        parts.append(ngettext("%(number)d strong sign", "%(number)d strong signs", strong) % {"number": strong})
    if medium:
        parts.append(ngettext("%(number)d medium sign", "%(number)d medium signs", medium) % {"number": medium})
    if weak:
        parts.append(ngettext("%(number)d weak sign", "%(number)d weak signs", weak) % {"number": weak})
    return " + ".join(parts)


def _steps(dimensions: tuple[DimensionResult, ...], answers: Mapping[str, str], *, is_child: bool) -> tuple[Step, ...]:
    by_name = {result.dimension: result for result in dimensions}
    recruited = [by_name[name] for name in RECRUITMENT if by_name[name].is_positive]
    exploitation = by_name[Dimension.EXPLOITATION]
    return (
        _act(answers.get(ACT_QUESTION, "unknown"), recruited),
        _means([by_name[name] for name in MEANS], is_child=is_child),
        Step(
            "purpose",
            _("Purpose: was it for exploitation?"),
            Finding.FOUND if exploitation.is_positive else _absent([exploitation]),
            exploitation.why,
        ),
    )


def _act(said: str, recruited: list[DimensionResult]) -> Step:
    label = _("Act: was the person recruited, moved, handed over, housed or received?")
    if said in SEEN:
        return Step("act", label, Finding.FOUND, _("The act was told or observed."))
    if recruited:
        names = ", ".join(result.label for result in recruited)
        return Step("act", label, Finding.FOUND, _("Recruitment shows in: %(names)s.") % {"names": names})
    if said == "no":
        return Step("act", label, Finding.NOT_FOUND, _("The question was answered with no."))
    return Step("act", label, Finding.UNKNOWN, _("The question is not answered yet."))


def _means(dimensions: list[DimensionResult], *, is_child: bool) -> Step:
    label = _("Means: was the person deceived, forced, or was vulnerability abused?")
    if is_child:
        why = _("Under 18 the means are irrelevant (Penal Code art. 80/3): act and purpose are enough.")
        return Step("means", label, Finding.NOT_ASKED, why)
    positive = [result for result in dimensions if result.is_positive]
    if positive:
        names = ", ".join(result.label for result in positive)
        return Step("means", label, Finding.FOUND, _("Positive: %(names)s.") % {"names": names})
    return Step("means", label, _absent(dimensions), _("No dimension of means is positive."))


def _absent(dimensions: list[DimensionResult]) -> Finding:
    return Finding.UNKNOWN if any(result.open_questions for result in dimensions) else Finding.NOT_FOUND


def _advice(dimensions: tuple[DimensionResult, ...], steps: tuple[Step, ...]) -> Advice:
    if all(step.finding in {Finding.FOUND, Finding.NOT_ASKED} for step in steps):
        return Advice.SIGNS
    return Advice.UNCLEAR if any(result.is_positive for result in dimensions) else Advice.NO_SIGNS
