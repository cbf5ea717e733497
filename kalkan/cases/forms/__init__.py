"""What officers are asked, one question of work a page."""

from kalkan.cases.forms.attachments import AttachForm, RemoveForm
from kalkan.cases.forms.decisions import CloseForm, ConfirmForm, DecideForm, DraftForm, ReasonForm, TextForm
from kalkan.cases.forms.interviews import InterviewForm, OnForm, OpenForm, ReferForm
from kalkan.cases.forms.particulars import AssignForm, ChangeForm, EpisodeForm, LinkForm, PerpetratorForm
from kalkan.cases.forms.screening import ConclusionForm, QuestionsForm, StartForm

__all__ = [
    "AssignForm",
    "AttachForm",
    "ChangeForm",
    "CloseForm",
    "ConclusionForm",
    "ConfirmForm",
    "DecideForm",
    "DraftForm",
    "EpisodeForm",
    "InterviewForm",
    "LinkForm",
    "OnForm",
    "OpenForm",
    "PerpetratorForm",
    "QuestionsForm",
    "ReasonForm",
    "ReferForm",
    "RemoveForm",
    "StartForm",
    "TextForm",
]
