"""Forms of the end of what is recorded: erasing, legal holds."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kalkan.persons.forms.fields import choose, keep_private
from kalkan.vocabulary.selectors import choices


def _reference(text: str) -> UUID:
    """The reference as it stands in the address of the person's page."""
    try:
        return UUID(text.strip())
    except ValueError:
        raise ValidationError(
            _("Copy the whole reference, as it stands in the address of the person's page.")
        ) from None


class PersonReferenceForm(forms.Form):
    """One person, named by reference: whoever asks sees no identity."""

    person = forms.CharField(
        label=_("Reference of the person"),
        help_text=_("As it stands in the address of the person's page, for example in the officer's request."),
        max_length=80,
    )
    request_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **options: Any):
        options.setdefault("initial", {"request_key": uuid4()})
        super().__init__(*args, **options)
        keep_private(self)

    def clean_person(self) -> UUID:
        return _reference(self.cleaned_data["person"])


class ErasureForm(PersonReferenceForm):
    """Whom to erase, and by which right."""

    ground = forms.ChoiceField(label=_("On which ground?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, grounds: list[tuple[str, str]], **options: Any):
        super().__init__(*args, **options)
        choose(self, ground=grounds)


class HoldForm(PersonReferenceForm):
    """Whose record must not be destroyed, and why."""

    reason = forms.ChoiceField(label=_("Why must it be kept?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **options: Any):
        super().__init__(*args, **options)
        choose(self, reason=choices("hold_reason"))
