"""What is asked of whoever refers a person, and of whoever answers."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kalkan.access.models import User
from kalkan.access.sensitivity import name_for
from kalkan.assistance.lifecycle.documents import Language
from kalkan.assistance.lifecycle.referrals import REASONS, Move
from kalkan.assistance.selectors.referrals import consents_to_refer, names_of, offering, provisions_to_refer, receivers
from kalkan.cases.forms.fields import CodeField, KeyField, TextField, VersionField
from kalkan.cases.models import Case
from kalkan.vocabulary import selectors as vocabulary

LONGEST_NEED = 2_000
_ASKED = {
    "ask": gettext_lazy("What do you need to know before you can answer?"),
    "answer": gettext_lazy("Your answer"),
    "complete": gettext_lazy("What became of it? The sender reads this."),
}
_WHY = {
    "decline": gettext_lazy("Why can you not take the person on?"),
    "return": gettext_lazy("Why do you return the referral?"),
    "withdraw": gettext_lazy("Why do you withdraw the referral?"),
    "complete": gettext_lazy("How did it end?"),
}


class HelpForm(forms.Form):
    """Which help is asked for, how urgently, in a few words."""

    category = CodeField("service_category", is_menu=True, label=gettext_lazy("Which service does the person need?"))
    need = TextField(
        max_length=LONGEST_NEED,
        label=gettext_lazy("What is the receiver asked to do?"),
        help_text=gettext_lazy(
            "A few sentences. The receiver reads this: leave out whatever is not needed for this help."
        ),
    )
    is_urgent = forms.BooleanField(
        required=False, label=gettext_lazy("Urgent: an answer is needed within hours, not days")
    )
    request_key = KeyField()


class ReferForm(HelpForm):
    """On what the referral rests, and who receives it: under a consent the receiver is the one that it names."""

    field_order = ("basis", "category", "receiver", "need", "is_urgent")
    basis = forms.ChoiceField(
        label=gettext_lazy("On what does the referral rest?"),
        widget=forms.RadioSelect,
        help_text=gettext_lazy("A consent names its receiver, and decides what the receiver will see."),
    )
    receiver = forms.ChoiceField(
        required=False,
        label=gettext_lazy("To which institution?"),
        help_text=gettext_lazy(
            "Only where the referral rests on a provision: a consent names its receiver. These institutions offer the"
            " service in the directory, the nearest first."
        ),
        error_messages={
            "invalid_choice": gettext_lazy(
                "This institution offers no such service in the directory. Choose one that does, or another service."
            )
        },
    )

    def __init__(self, *arguments: Any, case: Case, by: User, **options: Any):
        super().__init__(*arguments, **options)
        consents = [(f"consent:{one.reference}", _consent(one, by)) for one in consents_to_refer(case)]
        laws = [
            (f"law:{one.code}", f"{one.citation}: {one.text}")
            for one in provisions_to_refer(case, timezone.localdate())
        ]
        self.has_basis = bool(consents or laws)
        self.fields["basis"].choices = consents + laws  # type: ignore[attr-defined]
        if laws:
            category = self.data.get("category") or self.initial.get("category", "")
            offered = offering(by, category, near=case.province_id or "")
            self.fields["receiver"].choices = [("", "–"), *offered]  # type: ignore[attr-defined]
        else:
            del self.fields["receiver"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("basis", "").startswith("law:"):
            self.errors.pop("receiver", None)  # the consent names it
        elif not cleaned.get("receiver") and "receiver" not in self.errors:
            self.add_error("receiver", _("Choose the institution."))
        return cleaned

    @property
    def said(self) -> dict[str, Any]:
        """The answers as `refer` takes them."""
        kind, _colon, named = self.cleaned_data["basis"].partition(":")
        chosen = self.cleaned_data.get("receiver") if kind == "law" else None
        return {
            "category": self.cleaned_data["category"],
            "need": self.cleaned_data["need"],
            "consent": UUID(named) if kind == "consent" else None,
            "law": named if kind == "law" else "",
            "receiver": UUID(chosen) if chosen else None,
        }


class OnwardForm(HelpForm):
    """To whom the receiver refers the person on."""

    field_order = ("receiver", "category", "need", "is_urgent")
    receiver = forms.ChoiceField(
        label=gettext_lazy("To which institution?"),
        help_text=gettext_lazy("Possible only where the person has agreed that this institution is told."),
    )

    def __init__(self, *arguments: Any, by: User, **options: Any):
        super().__init__(*arguments, **options)
        self.fields["receiver"].choices = [("", "–"), *names_of(receivers(by), by)]  # type: ignore[attr-defined]


class StepForm(forms.Form):
    """What one step of a referral asks for: a reason, words, or nothing but the click."""

    version = VersionField()

    def __init__(self, *arguments: Any, move: Move, **options: Any):
        super().__init__(*arguments, **options)
        if "reason" in move.needs:
            self.fields["reason"] = CodeField(REASONS[move.name], label=_WHY[move.name])
        if "text" in move.needs:
            self.fields["text"] = TextField(label=_ASKED[move.name], max_length=LONGEST_NEED)


class NoteForm(forms.Form):
    """A word to the other party."""

    text = TextField(
        label=gettext_lazy("Your message"),
        max_length=LONGEST_NEED,
        help_text=gettext_lazy("Only what this help needs. The text is sealed with the record."),
    )


class LetterForm(forms.Form):
    """In which language the letter is to be, for a receiver abroad or an international organisation."""

    language = forms.ChoiceField(
        required=False,
        label=gettext_lazy("In which language, beside Turkish?"),
        choices=Language.choices,
        initial=Language.TURKISH.value,
        widget=forms.RadioSelect,
    )

    def clean_language(self) -> str:
        return self.cleaned_data["language"] or Language.TURKISH.value


class RetrieveForm(forms.Form):
    """What stands in the letter."""

    number = forms.CharField(
        max_length=40, label=gettext_lazy("Number of the referral"), help_text=gettext_lazy("It stands in the letter.")
    )
    code = forms.CharField(
        max_length=60,
        label=gettext_lazy("One-time code"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text=gettext_lazy("Four groups of four signs. It opens the package once."),
    )


def _consent(consent: Any, by: User) -> str:
    parts = [
        f"{vocabulary.label('consent_purpose', consent.purpose)} → {name_for(by, consent.recipient)}",
        ", ".join(vocabulary.labels("data_category", consent.categories)),
    ]
    if consent.expires_on:
        parts.append(_("until %(day)s") % {"day": f"{consent.expires_on:%d.%m.%Y}"})
    return " · ".join(parts)
