"""What can be done with a case. Each verb happens whole or not at all, and is remembered in the audit log."""

from kalkan.cases.services.attachments import attach_file, open_file, remove_file
from kalkan.cases.services.decisions import begin_protection, decide, draft_decision, reconsider
from kalkan.cases.services.handover import hand_over_cases, held_by
from kalkan.cases.services.interviews import begin_identification, record_interview, refer_for_identification
from kalkan.cases.services.opening import allocate_numbers, assign_case, change_case, open_case
from kalkan.cases.services.particulars import link_cases, record_alleged_perpetrator, record_episode
from kalkan.cases.services.screening import answer_questions, conclude_screening, start_screening
from kalkan.cases.services.steps import break_off, close_case, close_without_signs

__all__ = [
    "allocate_numbers",
    "answer_questions",
    "assign_case",
    "attach_file",
    "begin_identification",
    "begin_protection",
    "break_off",
    "change_case",
    "close_case",
    "close_without_signs",
    "conclude_screening",
    "decide",
    "draft_decision",
    "hand_over_cases",
    "held_by",
    "link_cases",
    "open_case",
    "open_file",
    "reconsider",
    "record_alleged_perpetrator",
    "record_episode",
    "record_interview",
    "refer_for_identification",
    "remove_file",
    "start_screening",
]
