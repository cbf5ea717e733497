"""What a reader of figures may ask for, and how a year is frozen."""

from dataclasses import replace
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kalkan.statistics import breakdowns, selectors
from kalkan.statistics.indicators import BY_CODE, INDICATORS
from kalkan.statistics.models import Revision
from kalkan.statistics.selectors import Filters

EARLIEST = 1990
YEARS_SHOWN = 10


class FilterForm(forms.Form):
    """Which years, which source, which figure. Nothing asked for means the last ten years of everything."""

    figure = forms.ChoiceField(label=_("Figure"), required=False)
    first_year = forms.IntegerField(label=_("From year"), required=False)
    last_year = forms.IntegerField(label=_("To year"), required=False)
    source = forms.ChoiceField(label=_("Source"), required=False)
    rows = forms.ChoiceField(label=_("Rows of the cross table"), required=False)
    columns = forms.ChoiceField(label=_("Columns of the cross table"), required=False)

    def __init__(self, asked: Any, *, is_of_province: bool = False):
        today = timezone.localdate()
        self.defaults = {
            "figure": "identified",
            "first_year": today.year - YEARS_SHOWN + 1,
            "last_year": today.year,
            "rows": "year",
            "columns": "sex",
        }
        # What is shown is what is counted: a field left empty holds its default.
        super().__init__({**self.defaults, **{name: value for name, value in asked.items() if value}})
        self.use_required_attribute = False
        for name in ("first_year", "last_year"):
            self.fields[name] = forms.IntegerField(
                label=self.fields[name].label,
                required=False,
                min_value=EARLIEST,
                max_value=today.year,
                widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
            )
        self.choose("figure", [(one.code, str(one.name)) for one in INDICATORS])
        self.choose(
            "source", [("", _("All sources")), *((one, selectors.source_name(one)) for one in selectors.sources())]
        )
        crossed = [
            (one.code, str(one.name))
            for one in breakdowns.BREAKDOWNS
            if one.code != "stage" and not (is_of_province and one.code == "province")
        ]
        self.choose("rows", crossed)
        self.choose("columns", crossed)

    def choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # for the type checker: each name here is one
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if not self.errors and cleaned["first_year"] > cleaned["last_year"]:
            self.add_error("first_year", _("The first year lies after the last: swap them."))
        if not self.errors and cleaned["rows"] == cleaned["columns"]:
            self.add_error("columns", _("Rows and columns are the same: choose another for one of them."))
        return cleaned

    @property
    def asked(self) -> dict[str, Any]:
        """What was asked for; the defaults where it cannot be answered as asked."""
        return {"source": "", **(self.cleaned_data if self.is_valid() else self.defaults)}

    def filters(self, province: str = "") -> Filters:
        asked = self.asked
        return Filters(asked["first_year"], asked["last_year"], asked["source"], province)

    def figure_filters(self, province: str = "") -> Filters:
        """The same for the chosen figure: how things stand today does not go by years."""
        filters = self.filters(province)
        return replace(filters, first_year=None, last_year=None) if self.indicator.is_state else filters

    @property
    def indicator(self) -> Any:
        return BY_CODE[self.asked["figure"]]


class FreezeForm(forms.Form):
    """Freeze a year that is over; a reason is needed where the year is frozen and counts differently today."""

    year = forms.IntegerField(label=_("Year"), min_value=EARLIEST)
    reason = forms.ChoiceField(
        label=_("Reason"),
        required=False,
        choices=[("", _("First freeze of this year")), *Revision.Reason.choices],
        help_text=_("Needed where the year is frozen and today's records give another figure."),
    )
