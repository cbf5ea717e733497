"""Forms of the check of a travel document and of the expert's finding."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kalkan.access.models import Institution
from kalkan.assistance.lifecycle.mrz import NotAZone, Zone
from kalkan.assistance.lifecycle.papers import WHY_NOT, Verdict
from kalkan.assistance.selectors.papers import experts_for, read_zone
from kalkan.cases.forms.fields import EMPTY, CodeField, CodesField, KeyField, TextField
from kalkan.cases.models import Case


class CheckPaperForm(forms.Form):
    """One document: what it is, its zone, what is odd about it, and what the officer says."""

    kind = CodeField("document_kind", is_menu=True, label=gettext_lazy("Which document?"))
    country = CodeField("country", is_menu=True, required=False, label=gettext_lazy("Which state issued it?"))
    status = CodeField(
        "document_status",
        is_menu=True,
        required=False,
        label=gettext_lazy("Where is it?"),
        help_text=gettext_lazy("A document that somebody keeps from its owner is a sign of trafficking."),
    )
    zone = forms.CharField(
        required=False,
        max_length=300,
        label=gettext_lazy("Machine-readable zone"),
        help_text=gettext_lazy(
            "The two or three lines with < signs. Type them, paste them, or put the cursor here and use the reader. "
            "Leave it empty where the document has none."
        ),
        widget=forms.Textarea(
            attrs={"rows": 3, "class": "zone", "spellcheck": "false", "autocapitalize": "characters", "wrap": "off"}
        ),
    )
    alterations = CodesField(
        "alteration", required=False, label=gettext_lazy("Which signs of alteration do you see? None: leave it empty.")
    )
    verdict = forms.ChoiceField(
        label=gettext_lazy("What do you say?"), choices=Verdict.choices, widget=forms.RadioSelect
    )
    expert = forms.ModelChoiceField(
        queryset=Institution.objects.none(),
        required=False,
        to_field_name="code",
        label=gettext_lazy("If in doubt: which police unit shall examine it?"),
        help_text=gettext_lazy("The unit sees this document only, neither the person nor the case."),
        empty_label=EMPTY[1],
    )
    request_key = KeyField()

    def __init__(self, *args: Any, case: Case, **options: Any):
        super().__init__(*args, **options)
        found = experts_for(case)
        self.fields["expert"].queryset = Institution.objects.filter(pk__in=[one.pk for one in found]).order_by("code")  # type: ignore[attr-defined]
        self.initial.setdefault("expert", found[0].code if found else None)
        self.read: Zone | None = None

    def clean_zone(self) -> str:
        typed: str = self.cleaned_data["zone"]
        if typed:
            try:
                self.read = read_zone(typed)
            except NotAZone as wrong:
                raise forms.ValidationError(str(wrong)) from wrong
        return typed

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        if said.get("verdict") == Verdict.CLEAR:
            for field in self.read.doubtful if self.read else ():
                self.add_error("zone", _("%(field)s: %(what)s") % {"field": field.label, "what": field.sentence})
            if self.read and self.read.doubtful:
                self.add_error("verdict", str(WHY_NOT["right_digits"]))
            if said.get("alterations"):
                self.add_error("verdict", str(WHY_NOT["no_alteration"]))
        if said.get("verdict") == Verdict.DOUBT and not said.get("expert"):
            self.add_error("expert", str(WHY_NOT["expert"]))
        return said


class ExamineForm(forms.Form):
    """What the document expert found."""

    finding = CodeField("paper_finding", label=gettext_lazy("What did you find?"))
    note = TextField(
        required=False,
        label=gettext_lazy("In your words"),
        help_text=gettext_lazy("Sealed with the person's record. Write no name: the case knows whose document it is."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
