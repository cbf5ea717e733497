"""The form that makes an official document."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kalkan.access.models import User
from kalkan.assistance.lifecycle.documents import DocumentKind, Language
from kalkan.assistance.selectors.documents import kinds_for
from kalkan.cases.forms.fields import CodeField, KeyField
from kalkan.cases.models import Case


class MakeDocumentForm(forms.Form):
    """Which document, in which language, and why the identity is opened for it."""

    kind = forms.ChoiceField(label=gettext_lazy("Which document?"), widget=forms.RadioSelect)
    language = forms.ChoiceField(
        label=gettext_lazy("In which language, beside Turkish?"),
        choices=Language.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("The document has the Turkish text first, then the text in this language."),
    )
    purpose = CodeField(
        "reveal_purpose",
        is_menu=True,
        required=False,
        label=gettext_lazy("Why do you need the identity in it?"),
        help_text=gettext_lazy("The information sheet says nothing of the person and needs no purpose."),
    )
    latin_only = forms.BooleanField(
        required=False,
        label=gettext_lazy("Names in Latin letters"),
        help_text=gettext_lazy("Only where the name is in a script that cannot be printed."),
    )
    request_key = KeyField()

    def __init__(self, *args: Any, case: Case, by: User, **options: Any):
        super().__init__(*args, **options)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in kinds_for(case, by)]  # type: ignore[attr-defined]
        spoken = [language for language in case.person.languages if language in Language.values]
        self.initial.setdefault("language", spoken[0] if spoken else Language.TURKISH.value)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("kind") not in (None, DocumentKind.INFORMATION) and not said.get("purpose"):
            self.add_error("purpose", _("Choose why: opening the identity is recorded with your name and purpose."))
        return said
