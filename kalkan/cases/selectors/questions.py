"""What a screening asks, page by page, and what its answers say."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kalkan.cases import assessment
from kalkan.cases.assessment import ACT_QUESTION, Assessment, Sign
from kalkan.cases.models import Screening
from kalkan.vocabulary import selectors as vocabulary
from kalkan.vocabulary.models import Dimension, IndicatorWeight

Words = str | Promise
DANGER = "danger"
ACT = "act"


class Question(NamedTuple):
    """One thing to ask or observe, with what to do at once if the answer is yes."""

    code: str
    text: Words
    hint: Words = ""


class Page(NamedTuple):
    """One page of the interview."""

    name: str
    title: Words
    lead: Words
    questions: tuple[Question, ...]


LEADS: dict[str, Words] = {
    Dimension.DECEPTIVE_RECRUITMENT: _("What was promised, and was it true?"),
    Dimension.COERCIVE_RECRUITMENT: _("Was force or pressure used to make the person come?"),
    Dimension.RECRUITMENT_BY_ABUSE: _("Was a difficult situation used to make the person come?"),
    Dimension.EXPLOITATION: _("How did, or should, the person work or live?"),
    Dimension.COERCION_AT_DESTINATION: _("Was force or pressure used to make the person stay or obey?"),
    Dimension.ABUSE_AT_DESTINATION: _("Was a difficult situation used to make the person stay or obey?"),
}


def signs_for(profile: str, on: date) -> tuple[Sign, ...]:
    """The indicators that weigh for `profile` on a day, in the order of the list."""
    return tuple(_sign(weight) for weight in vocabulary.indicator_weights(profile, on).values())


def danger_questions() -> tuple[Question, ...]:
    """The questions about immediate danger, each with what to do now if the answer is yes."""
    return tuple(Question(code.code, code.label, code.hint) for code in vocabulary.codes("immediate_danger"))


def danger_codes() -> frozenset[str]:
    """The codes of the questions about immediate danger."""
    return frozenset(question.code for question in danger_questions())


def question_codes(profile: str, on: date) -> frozenset[str]:
    """Everything that a screening of this profile may answer."""
    return danger_codes() | {ACT_QUESTION} | {sign.code for sign in signs_for(profile, on)}


def screening_pages(screening: Screening) -> tuple[Page, ...]:
    """The interview in order: danger first, then the act, then one dimension a page."""
    by_dimension: dict[str, list[Question]] = {str(dimension): [] for dimension in Dimension}
    texts = {indicator.code: indicator for indicator in vocabulary.indicators()}
    for sign in _in_order(signs_for(screening.profile, screening.held_on), list(texts)):
        by_dimension[sign.dimension].append(Question(sign.code, texts[sign.code].question))
    pages = [
        Page(
            DANGER,
            _("Is there danger now?"),
            _("Ask this first. Help comes before the interview."),
            danger_questions(),
        ),
        Page(
            ACT,
            _("How the person came here"),
            _("The act is the first element of trafficking. It need not have been across a border."),
            (Question(ACT_QUESTION, _("Did somebody recruit, move, hand over, house or receive the person?")),),
        ),
    ]
    pages += [
        Page(dimension, Dimension(dimension).label, LEADS[dimension], tuple(questions))
        for dimension, questions in by_dimension.items()
        if questions
    ]
    return tuple(pages)


def assess_screening(screening: Screening) -> Assessment:
    """What the answers saved so far say."""
    answers = {answer.question: answer.said for answer in screening.answers.all()}
    return assessment.assess(screening.profile, signs_for(screening.profile, screening.held_on), answers)


def _sign(weight: IndicatorWeight) -> Sign:
    indicator = weight.indicator
    return Sign(indicator.code, indicator.dimension, weight.weight, weight.verification, indicator.label)


def _in_order(signs: Iterable[Sign], codes: list[str]) -> list[Sign]:
    position = {code: number for number, code in enumerate(codes)}
    return sorted(signs, key=lambda sign: position[sign.code])
