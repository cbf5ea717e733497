"""Looking at cases. Rows come through the policy; nothing here writes."""

from kalkan.cases.selectors.hands import has_identification_interview, interviewed, made_a_refusal
from kalkan.cases.selectors.oversight import ProvinceLoad, overdue_by_province
from kalkan.cases.selectors.papers import attachments_of
from kalkan.cases.selectors.questions import (
    Page,
    Question,
    assess_screening,
    danger_questions,
    screening_pages,
    signs_for,
)
from kalkan.cases.selectors.timeline import Entry, timeline
from kalkan.cases.selectors.work import (
    Step,
    all_cases,
    linked_cases,
    next_step,
    officers_for,
    possible_moves,
    work_list,
)

__all__ = [
    "Entry",
    "Page",
    "ProvinceLoad",
    "Question",
    "Step",
    "all_cases",
    "assess_screening",
    "attachments_of",
    "danger_questions",
    "has_identification_interview",
    "interviewed",
    "linked_cases",
    "made_a_refusal",
    "next_step",
    "officers_for",
    "overdue_by_province",
    "possible_moves",
    "screening_pages",
    "signs_for",
    "timeline",
    "work_list",
]
