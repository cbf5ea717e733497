"""Ways to break a figure down. Each gives every unit exactly one row, so that rows always add up to the total."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db.models import Case as Choose
from django.db.models import CharField, Expression, F, Func, IntegerField, Q, Value, When
from django.db.models.functions import Cast, Coalesce, ExtractYear, NullIf

from kalkan.cases.lifecycle import Stage
from kalkan.persons.models import Majority
from kalkan.statistics.tables import SEVERAL, UNKNOWN
from kalkan.statistics.words import Words
from kalkan.vocabulary.selectors import codes, provinces

Choices = Callable[[], Sequence[tuple[str, str]]]
NOT_KNOWN = Words("Bilinmiyor", "Not known")
SEVERAL_OF_THEM = Words("Birden çok", "Several")
STATELESS = "stateless"
CHILD_BANDS = ("0-8", "9-17", "child")


@dataclass(frozen=True)
class Breakdown:
    """One way to break a figure down.

    `expression` makes the code from the path to the case (empty, or ending in two underscores) and the name of the
    date that the indicator goes by. A breakdown `of` another folds that one's codes together instead.
    `choices` gives the codes with their words in the reader's language, in their order.
    """

    code: str
    name: Words
    note: Words
    expression: Callable[[str, str], Expression] | None = None
    of: str = ""
    folded: Callable[[str], str] = str
    choices: Choices = list
    is_by_size: bool = False


def _text(value: str) -> Value:
    return Value(value, output_field=CharField())


def _plain(path: str) -> Expression:
    """A column whose empty value means unknown."""
    return Coalesce(NullIf(F(path), _text("")), _text(UNKNOWN), output_field=CharField())


def _year(_case: str, date: str) -> Expression:
    return Cast(ExtractYear(date), CharField())


def _province(case: str, _date: str) -> Expression:
    return _plain(f"{case}province_id")


def _sex(case: str, _date: str) -> Expression:
    return _plain(f"{case}person__sex")


def _age_band(case: str, _date: str) -> Expression:
    """The band recorded. A case under the rules for children never falls into an adult band, whatever was recorded."""
    band, majority = f"{case}person__age_band", f"{case}person__majority"
    return Choose(
        When(Q(**{f"{band}__in": CHILD_BANDS}), then=F(band)),
        When(Q(**{f"{case}is_child": True}), then=_text("child")),
        When(~Q(**{f"{band}__in": ["", UNKNOWN]}), then=F(band)),
        When(Q(**{f"{majority}__in": [Majority.CHILD, Majority.PRESUMED_CHILD]}), then=_text("child")),
        When(Q(**{majority: Majority.ADULT}), then=_text("adult")),
        default=_text(UNKNOWN),
        output_field=CharField(),
    )


def _age_group(band: str) -> str:
    """
    >>> [_age_group(band) for band in ("9-17", "child", "48+", "adult", "unknown")]
    ['child', 'child', 'adult', 'adult', 'unknown']
    """
    if band == UNKNOWN:
        return UNKNOWN
    return "child" if band in CHILD_BANDS else "adult"


def _citizenship(case: str, _date: str) -> Expression:
    citizenships = f"{case}person__citizenships"
    return Choose(
        When(Q(**{f"{citizenships}__len": 1}), then=_plain(f"{citizenships}__0")),
        When(Q(**{f"{citizenships}__len__gt": 1}), then=_text(SEVERAL)),
        When(Q(**{f"{case}person__statelessness": STATELESS}), then=_text(STATELESS)),
        default=_text(UNKNOWN),
        output_field=CharField(),
    )


def _form(case: str, _date: str) -> Expression:
    return Coalesce(F(f"{case}counted_form__form"), _text(UNKNOWN), output_field=CharField())


def _source(case: str, _date: str) -> Expression:
    return _plain(f"{case}source")


def _stage(case: str, _date: str) -> Expression:
    return _plain(f"{case}stage")


def days_between(start: str, end: str) -> Expression:
    """Whole days from one date column to another."""
    return Func(F(end), F(start), template="(%(expressions)s)", arg_joiner=" - ", output_field=IntegerField())


def _listed(code_list: str) -> Choices:
    return lambda: [(code.code, code.label) for code in codes(code_list, retired=True)]


def _citizenships() -> Sequence[tuple[str, str]]:
    return [*_listed("country")(), (STATELESS, str(Words("Vatansız", "Stateless")))]


def _provinces() -> Sequence[tuple[str, str]]:
    return [(province.code, province.name) for province in provinces()]


def _written(*words: tuple[str, Words]) -> Choices:
    return lambda: [(code, str(label)) for code, label in words]


def _stages() -> Sequence[tuple[str, str]]:
    return [(stage.value, str(stage.label)) for stage in Stage]


BREAKDOWNS: tuple[Breakdown, ...] = (
    Breakdown(
        "year",
        Words("Yıl", "Year"),
        Words("Göstergenin tarih esasına göre takvim yılı.", "Calendar year by the indicator's date basis."),
        _year,
    ),
    Breakdown(
        "province",
        Words("İl", "Province"),
        Words(
            "Dosyanın ili; aktarılan kayıtlarda çoğu kez bilinmez.",
            "Province of the case; often not known for imported records.",
        ),
        _province,
        choices=_provinces,
    ),
    Breakdown(
        "sex",
        Words("Cinsiyet", "Sex"),
        Words("Kişi için kaydedilen cinsiyet.", "Sex recorded for the person."),
        _sex,
        choices=_listed("sex"),
    ),
    Breakdown(
        "age_group",
        Words("Yaş grubu", "Age group"),
        Words(
            "Çocuk (18 yaşından küçük), yetişkin veya bilinmiyor; yaşı tereddütlü kişi çocuk sayılır.",
            "Child (under 18), adult or not known; a person whose age is in doubt counts as a child.",
        ),
        of="age_band",
        folded=_age_group,
        choices=_written(
            ("child", Words("Çocuk (18 yaş altı)", "Child (under 18)")),
            ("adult", Words("Yetişkin (18 yaş ve üstü)", "Adult (18 and over)")),
        ),
    ),
    Breakdown(
        "age_band",
        Words("Yaş aralığı", "Age band"),
        Words(
            "CTDC yaş aralıkları; aralığı bilinmeyen çocuk ve yetişkinler ayrı satırdadır. Çocuklara ilişkin "
            "kuralların uygulandığı dosya hiçbir yetişkin aralığında sayılmaz.",
            "The bands of CTDC; children and adults whose band is not known have rows of their own. A case under "
            "the rules for children is never counted in an adult band.",
        ),
        _age_band,
        choices=_listed("age_band"),
    ),
    Breakdown(
        "citizenship",
        Words("Vatandaşlık", "Citizenship"),
        Words(
            "Tek vatandaşlık; birden çok vatandaşlığı olan kişi yalnızca “birden çok” satırında, vatandaşlığı olmayan "
            "vatansız kişi “vatansız” satırında sayılır.",
            "The only citizenship; a person with more than one is counted in the row “several” alone, a stateless "
            "person without one in the row “stateless”.",
        ),
        _citizenship,
        choices=_citizenships,
        is_by_size=True,
    ),
    Breakdown(
        "form",
        Words("Sömürü biçimi", "Form of exploitation"),
        Words(
            "Dosyanın bütün sömürü dönemlerinde bilinen tek biçim; birden çok biçim varsa dosya yalnızca "
            "“birden çok” satırında sayılır.",
            "The only form known over all episodes of the case; with more than one, the case is counted in the row "
            "“several” alone.",
        ),
        _form,
        choices=_listed("exploitation_form"),
    ),
    Breakdown(
        "source",
        Words("Kaynak", "Source"),
        Words("Kalkan veya aktarılan derleme.", "Kalkan, or the collection that was imported."),
        _source,
        choices=_written(("kalkan", Words("Kalkan", "Kalkan"))),
        is_by_size=True,
    ),
    Breakdown(
        "stage",
        Words("Aşama", "Stage"),
        Words("Dosyanın şu anki aşaması.", "The stage at which the case now is."),
        _stage,
        choices=_stages,
    ),
)
BY_CODE = {breakdown.code: breakdown for breakdown in BREAKDOWNS}
# Everything that an indicator can be broken down by within a year: what a frozen year keeps.
FROZEN_DIMENSIONS = ("province", "sex", "age_band", "citizenship", "form", "source")
