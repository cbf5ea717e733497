"""Forms of the directory: what is looked for, and what an institution offers."""

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from kalkan.access.models import Institution, InstitutionKind, User
from kalkan.access.policy import institutions
from kalkan.access.roles import Scope
from kalkan.assistance.models import Service
from kalkan.assistance.selectors.directory import Wanted
from kalkan.assistance.services.directory import TELLING, Offer
from kalkan.cases.forms.fields import CodeField, CodesField, KeyField, ProvinceField, VersionField
from kalkan.vocabulary import selectors as vocabulary

_ADULT = 130  # years; more is a slip of the hand


class SearchForm(forms.Form):
    """What the person needs. Every question may stay open."""

    category = CodeField("service_category", is_menu=True, required=False, label=_("Which service?"))
    province = ProvinceField(required=False, label=_("In or near which province?"))
    language = CodeField("language", is_menu=True, required=False, label=_("In which language?"))
    sex = CodeField("sex", is_menu=True, required=False, without=frozenset({"unknown"}), label=_("Sex"))
    age = forms.IntegerField(required=False, min_value=0, max_value=_ADULT, label=_("Age"))
    citizenship = CodeField("country", is_menu=True, required=False, label=_("Citizenship"))
    accessibility = CodesField("accessibility", required=False, label=_("What must be there?"))

    @property
    def wanted(self) -> Wanted:
        """What a valid form asks for; of one that is not, what of it is valid."""
        said = self.cleaned_data
        texts = {name: said.get(name) or "" for name in ("category", "province", "language", "sex", "citizenship")}
        return Wanted(**texts, age=said.get("age"), accessibility=tuple(said.get("accessibility") or ()))


class _SeveralField(forms.MultipleChoiceField):
    """Several codes of a list that is too long for boxes."""

    def __init__(self, code_list: str, **options: Any):
        super().__init__(
            choices=lambda: vocabulary.choices(code_list), widget=forms.SelectMultiple(attrs={"size": 6}), **options
        )


def _weekdays() -> list[tuple[int, Any]]:
    return [(day + 1, name) for day, name in WEEKDAYS.items()]


class ServiceForm(forms.Form):
    """What an institution offers. A shelter is not asked for anything that leads to it."""

    institution = forms.ModelChoiceField(queryset=Institution.objects.none(), label=_("Which institution?"))
    category = CodeField("service_category", is_menu=True, label=_("Which service?"))
    name_tr = forms.CharField(max_length=200, label=_("Name in Turkish"))
    name_en = forms.CharField(max_length=200, label=_("Name in English"))
    description_tr = forms.CharField(
        max_length=1000, required=False, label=_("Description in Turkish"), widget=forms.Textarea(attrs={"rows": 3})
    )
    description_en = forms.CharField(
        max_length=1000, required=False, label=_("Description in English"), widget=forms.Textarea(attrs={"rows": 3})
    )
    province_id = ProvinceField(
        required=False, label=_("In which province?"), help_text=_("Leave it open for the whole country.")
    )
    languages = _SeveralField(
        "language",
        required=False,
        label=_("In which languages?"),
        help_text=_("Hold Ctrl to choose several."),
    )
    sexes = CodesField(
        "sex",
        required=False,
        without=frozenset({"unknown"}),
        label=_("Who is accepted?"),
        help_text=_("Choose none for everybody."),
    )
    age_from = forms.IntegerField(required=False, min_value=0, max_value=_ADULT, label=_("From which age?"))
    age_to = forms.IntegerField(required=False, min_value=0, max_value=_ADULT, label=_("Up to which age?"))
    citizenships = _SeveralField(
        "country",
        required=False,
        label=_("Of which citizenships only?"),
        help_text=_("Choose none for everybody. Hold Ctrl to choose several."),
    )
    accessibility = CodesField("accessibility", required=False, label=_("What is there?"))
    is_always_open = forms.BooleanField(required=False, label=_("Open day and night"))
    days = forms.TypedMultipleChoiceField(
        choices=_weekdays,
        coerce=int,
        required=False,
        label=_("On which days?"),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices-row"}),
    )
    opens_at = forms.TimeField(required=False, label=_("Opens at"), widget=forms.TimeInput(attrs={"type": "time"}))
    closes_at = forms.TimeField(required=False, label=_("Closes at"), widget=forms.TimeInput(attrs={"type": "time"}))
    capacity = forms.IntegerField(
        required=False, min_value=1, max_value=100_000, label=_("For how many persons at a time?")
    )
    cost = CodeField("service_cost", label=_("What does it cost the person?"))
    address = forms.CharField(max_length=300, required=False, label=_("Address"))
    phone = forms.RegexField(
        r"^\+?[0-9 ()/-]{3,39}$",
        required=False,
        label=_("Telephone of the institution"),
        error_messages={"invalid": _("Write digits, for example 157 or +90 312 000 00 00.")},
    )
    email = forms.EmailField(
        required=False, label=_("E-mail of the institution"), help_text=_("Never that of a person.")
    )
    web = forms.URLField(required=False, assume_scheme="https", label=_("Web page"))

    def __init__(self, *arguments: Any, by: User, service: Service | None = None, **options: Any):
        if service is not None:
            options["initial"] = _initial(service)
        super().__init__(*arguments, **options)
        if service is None and by.scope is Scope.NATION:
            rows = institutions.visible(by).exclude(kind=InstitutionKind.SHELTER).order_by("name_tr", "code")
            self.fields["institution"].queryset = rows  # type: ignore[attr-defined]
        else:
            del self.fields["institution"]
        if (service.institution if service else by.institution).kind == InstitutionKind.SHELTER:
            for name in TELLING:
                del self.fields[name]
        if service is None:
            self.fields["request_key"] = KeyField()
        else:
            self.fields["version"] = VersionField()

    @staticmethod
    def typed(service: Service) -> dict[str, Any]:
        """The service as its form would send it."""
        return {name: value for name, value in _initial(service).items() if value not in (None, False)}

    @property
    def offer(self) -> Offer:
        """What a valid form says."""
        said: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in self.cleaned_data.items()
            if name in Offer.__dataclass_fields__
        }
        if "province_id" in said:
            said["province_id"] = said["province_id"] or None
        return Offer(**said)


class VersionForm(forms.Form):
    """An act on a service as it was shown."""

    version = VersionField()


def _initial(service: Service) -> dict[str, Any]:
    names = [*Offer.__dataclass_fields__, "version"]
    return {name: getattr(service, name) for name in names}
