"""What is asked for a support programme, one question of work a page."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kalkan.access.models import Institution, User
from kalkan.access.policy import institutions
from kalkan.access.roles import MATRIX, Permission
from kalkan.access.sensitivity import name_for
from kalkan.assistance import sheets
from kalkan.assistance.lifecycle.programmes import BY_CODE, GOAL_MOVES, REPORT_MOVES, WHY_NOT, Verdict
from kalkan.assistance.models import Goal
from kalkan.cases.forms.fields import EMPTY, CodeField, DayField, KeyField, TextField, VersionField, YesNoField
from kalkan.cases.models import Case
from kalkan.cases.selectors import officers_for
from kalkan.persons.forms.fields import LongSelect
from kalkan.vocabulary import selectors as vocabulary

SEALED = gettext_lazy("The text is sealed with the record.")


class ComingDayField(forms.DateField):
    """A day to come, today among them."""

    def __init__(self, **options: Any):
        options.setdefault("input_formats", ["%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y"])
        super().__init__(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **options)

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day is not None and day < timezone.localdate():
            raise forms.ValidationError(str(WHY_NOT["ahead"]))
        if day is not None and day.year > timezone.localdate().year + 10:
            raise forms.ValidationError(_("Give a day within ten years."))
        return day


class AmountField(forms.DecimalField):
    """An amount of money or of a service, in the reader's way of writing numbers."""

    def __init__(self, **options: Any):
        options.setdefault("max_digits", 12)
        options.setdefault("decimal_places", 2)
        options.setdefault("min_value", 0)
        super().__init__(localize=True, widget=forms.TextInput(attrs={"inputmode": "decimal"}), **options)


class InstitutionField(forms.ModelChoiceField):
    """An institution, named as its reader may know it."""

    def __init__(self, **options: Any):
        super().__init__(queryset=Institution.objects.none(), widget=LongSelect, empty_label="–", **options)

    def show_to(self, user: User) -> None:
        """Offer the institutions that exist for the user."""
        self.reader = user
        self.queryset = institutions.visible(user).select_related("province")

    def label_from_instance(self, obj: Institution) -> str:
        return name_for(self.reader, obj)


class ByForm(forms.Form):
    """A form that offers institutions to its reader."""

    def __init__(self, *arguments: Any, by: User, **options: Any):
        super().__init__(*arguments, **options)
        self.by = by
        for field in self.fields.values():
            if isinstance(field, InstitutionField):
                field.show_to(by)


class InformationForm(forms.Form):
    """Which sheet was explained, in which language and how."""

    sheet = forms.ChoiceField(label=gettext_lazy("Which sheet did you explain?"), widget=forms.RadioSelect)
    language = forms.ChoiceField(label=gettext_lazy("In which language?"), widget=forms.RadioSelect)
    form = CodeField("information_form", label=gettext_lazy("How?"))
    on = DayField(label=gettext_lazy("On which day?"))
    request_key = KeyField()

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        known = sheets.sheets()
        self.fields["sheet"].choices = list(NAMES.items())  # type: ignore[attr-defined]
        languages = {sheet.language: sheet.language_name for sheet in known.values()}
        self.fields["language"].choices = list(languages.items())  # type: ignore[attr-defined]


# The sheets, in the order in which they are explained.
NAMES = {
    "information": gettext_lazy("Information on support and rights"),
    "consent": gettext_lazy("Consent to support"),
}


class BeginForm(forms.Form):
    """From which day the programme runs."""

    on = DayField(label=gettext_lazy("On which day does the programme begin?"))
    request_key = KeyField()


class NeedsForm(forms.Form):
    """A level for each area of life; what was not spoken of stays open."""

    on = DayField(label=gettext_lazy("On which day was it assessed?"))
    note = TextField(required=False, label=gettext_lazy("What stands behind the levels?"), help_text=SEALED)
    request_key = KeyField()

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        after = {name: self.fields.pop(name) for name in ("note", "request_key")}
        for code, label in vocabulary.choices("need_area"):
            self.fields[f"area_{code}"] = forms.TypedChoiceField(
                label=label,
                choices=[*((str(level), str(level)) for level in range(5)), ("", gettext_lazy("Not asked"))],
                coerce=int,
                empty_value=None,
                required=False,
                initial="",
                widget=forms.RadioSelect(attrs={"class": "choices-row choices-level"}),
            )
        self.fields |= after

    @property
    def levels(self) -> dict[str, int]:
        """The level of each area that was spoken of."""
        said = {name.removeprefix("area_"): level for name, level in self.cleaned_data.items() if name[:5] == "area_"}
        return {area: level for area, level in said.items() if level is not None}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.levels:
            raise forms.ValidationError(str(WHY_NOT["levels"]))
        return cleaned


class GoalForm(ByForm):
    """A goal, its day, and who answers for it."""

    area = CodeField("need_area", is_menu=True, label=gettext_lazy("Which area of life is it about?"))
    wording = TextField(label=gettext_lazy("What is to be reached?"), help_text=SEALED)
    target_on = ComingDayField(label=gettext_lazy("By which day?"))
    institution = InstitutionField(
        label=gettext_lazy("Which institution answers for it?"),
        help_text=gettext_lazy("It is reminded before that day."),
    )
    request_key = KeyField()


class SettleGoalForm(forms.Form):
    """How a goal stands now."""

    move = forms.ChoiceField(label=gettext_lazy("What is to be done?"), widget=forms.RadioSelect)
    reason = TextField(required=False, label=gettext_lazy("Why is it dropped?"), help_text=SEALED)
    target_on = ComingDayField(required=False, label=gettext_lazy("Opened again: by which day?"))
    version = VersionField()

    def __init__(self, *arguments: Any, goal: Goal, **options: Any):
        super().__init__(*arguments, **options)
        moves = [(move.name, move.title) for move in GOAL_MOVES if goal.state in move.sources]
        self.fields["move"].choices = moves  # type: ignore[attr-defined]
        del self.fields["reason" if goal.state != "open" else "target_on"]


class ServiceForm(ByForm):
    """One service delivered."""

    category = CodeField("service_category", is_menu=True, label=gettext_lazy("Which service?"))
    institution = InstitutionField(label=gettext_lazy("Who gave it?"))
    began_on = DayField(label=gettext_lazy("From which day?"))
    ended_on = DayField(
        required=False,
        initial=None,
        label=gettext_lazy("Until which day?"),
        help_text=gettext_lazy("Leave it empty while the service goes on."),
    )
    quantity = AmountField(required=False, max_digits=9, label=gettext_lazy("How much of it?"))
    unit = CodeField("service_unit", is_menu=True, required=False, label=gettext_lazy("Counted in what?"))
    cost = AmountField(required=False, label=gettext_lazy("What did it cost?"))
    currency = CodeField("currency", is_menu=True, required=False, label=gettext_lazy("In which currency?"))
    outcome = CodeField("service_outcome", is_menu=True, required=False, label=gettext_lazy("What came of it?"))
    request_key = KeyField()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        began, ended = cleaned.get("began_on"), cleaned.get("ended_on")
        if began and ended and ended < began:
            self.add_error("ended_on", str(WHY_NOT["order"]))
        if ended and not cleaned.get("outcome"):
            self.add_error("outcome", str(WHY_NOT["outcome"]))
        for amount, unit in (("quantity", "unit"), ("cost", "currency")):
            if cleaned.get(amount) is not None and not cleaned.get(unit):
                self.add_error(unit, _("Choose from the list."))
        return cleaned


class EndServiceForm(forms.Form):
    """When a service ended and what came of it."""

    on = DayField(label=gettext_lazy("Until which day?"))
    outcome = CodeField("service_outcome", label=gettext_lazy("What came of it?"))
    version = VersionField()


class ReviewForm(forms.Form):
    """What a look back found."""

    on = DayField(label=gettext_lazy("On which day was it held?"))
    still_wanted = YesNoField(
        label=gettext_lazy("Does the person still want the support?"),
        help_text=gettext_lazy("If not, write an evaluation report next: support is never given against the person."),
    )
    note = TextField(label=gettext_lazy("What was found?"), help_text=SEALED)
    request_key = KeyField()


class HandForm(forms.Form):
    """Who looks after the programme from now on."""

    to = forms.ModelChoiceField(
        queryset=User.objects.none(), label=gettext_lazy("Who looks after the programme?"), empty_label=EMPTY[1]
    )
    version = VersionField()

    def __init__(self, *arguments: Any, case: Case, by: User, **options: Any):
        super().__init__(*arguments, **options)
        roles = [role for role, (_scope, held) in MATRIX.items() if Permission.PROGRAMME_WORK in held]
        self.fields["to"].queryset = officers_for(case, by).filter(role__in=roles)  # type: ignore[attr-defined]


class ReportForm(forms.Form):
    """An evaluation report. What was done under force is no ground against the person (Law 6458 art. 49)."""

    ground = CodeField("evaluation_ground", label=gettext_lazy("On which ground?"))
    under_force = YesNoField(
        required=False,
        label=gettext_lazy("Did it happen under force, threat, violence or intimidation?"),
        help_text=gettext_lazy(
            "Asked where the ground is renewed ties or obligations. If yes, it is no ground (Law 6458 art. 49)."
        ),
    )
    verdict = forms.ChoiceField(
        label=gettext_lazy("What should be decided?"), choices=Verdict.choices, widget=forms.RadioSelect
    )
    reasoning = TextField(label=gettext_lazy("Why? Reason in words"), help_text=SEALED)
    on = DayField(label=gettext_lazy("On which day?"))
    request_key = KeyField()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        ground = BY_CODE.get(cleaned.get("ground", ""))
        if ground is None:
            return cleaned
        forced = cleaned.get("under_force")
        if not ground.asks_force:
            cleaned["under_force"] = None
        elif forced not in (True, False):
            self.add_error("under_force", str(WHY_NOT["force_unanswered"]))
        elif forced:
            self.add_error("ground", str(WHY_NOT["force"]))
        if cleaned.get("verdict") and cleaned["verdict"] not in ground.verdicts:
            self.add_error("verdict", str(WHY_NOT["verdict"]))
        return cleaned


class AnswerForm(forms.Form):
    """The answer of another officer to a report."""

    move = forms.ChoiceField(
        label=gettext_lazy("What do you decide?"),
        choices=[(move.name, move.title) for move in REPORT_MOVES],
        widget=forms.RadioSelect,
    )
    remark = TextField(required=False, label=gettext_lazy("If you return it: what is missing?"), help_text=SEALED)
    version = VersionField()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("move") == "return" and not cleaned.get("remark"):
            self.add_error("remark", str(WHY_NOT["reason"]))
        return cleaned
