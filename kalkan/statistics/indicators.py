"""Every figure has one definition. Dashboards, commands, exports and frozen years ask the same object.

A change that may change a figure raises the indicator's version; `docs/indicators.md` is written from here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kalkan.cases import lifecycle
from kalkan.cases.lifecycle import Outcome, Stage
from kalkan.cases.models import Case, Interview, Screening, StageChange
from kalkan.statistics.breakdowns import FROZEN_DIMENSIONS
from kalkan.statistics.words import Words


class Unit(TextChoices):
    """What is counted."""

    CASE = "case", _("Case")
    PERSON = "person", _("Person")


class Measure(TextChoices):
    """What a row tells: how many units, or the median of their days as well."""

    COUNT = "count", _("Count")
    MEDIAN = "median", _("Median")


@dataclass(frozen=True)
class Indicator:
    """One figure: what is counted, on which day it falls, which rows count, how it can be broken down."""

    code: str
    name: Words
    unit: Unit
    date_basis: Words
    filter: Words
    rows: Callable[[], QuerySet]
    date: str
    note: Words
    case: str = ""  # path from a row to its case: empty, or ending in two underscores
    measures: Measure = Measure.COUNT
    days_from: str = ""  # for a median: the date column from which days run to `date`
    is_state: bool = False  # tells how things stand today: cannot be told again later, so it is not frozen
    breakdowns: tuple[str, ...] = ("year", *FROZEN_DIMENSIONS, "age_group")
    rooms: tuple[str, ...] = ("cases", "persons")
    version: int = 1


def first(rows: QuerySet, *, of: str, date: str) -> QuerySet:
    """Of the rows with one `of` (a case, a person) only the earliest, so that nobody is counted twice."""
    same = rows.filter(**{of: OuterRef(of)})
    earlier = Q(**{f"{date}__lt": OuterRef(date)}) | Q(**{date: OuterRef(date), "pk__lt": OuterRef("pk")})
    return rows.filter(~Exists(same.filter(earlier)))


def _screened() -> QuerySet:
    return first(Screening.objects.exclude(conclusion=""), of="case", date="held_on")


def _interviewed(kind: Interview.Kind) -> QuerySet:
    return first(Interview.objects.filter(kind=kind), of="case", date="held_on")


def _referred() -> QuerySet:
    return first(StageChange.objects.filter(move="refer"), of="case", date="on")


# A refusal under reconsideration has left this stage: it is no longer in force.
_REFUSED = Q(stage=Stage.NOT_RECOGNISED)
_RECOGNISED = Q(outcome=Outcome.RECOGNISED)


def _decided() -> QuerySet:
    decided = Case.objects.filter(_REFUSED | _RECOGNISED, decided_on__isnull=False)
    return first(StageChange.objects.filter(move="refer", case__in=decided), of="case", date="on")


def _recognised() -> QuerySet:
    own = Case.objects.filter(_RECOGNISED, is_historic=False, decided_on__isnull=False)
    return first(own, of="person", date="decided_on")


def _not_recognised() -> QuerySet:
    return Case.objects.filter(_REFUSED, is_historic=False)


def _recorded_victims() -> QuerySet:
    return first(Case.objects.filter(_RECOGNISED), of="person", date="opened_on")


def _open() -> QuerySet:
    return Case.objects.filter(stage__in=sorted(lifecycle.OPEN), is_historic=False)


def _overdue() -> QuerySet:
    return _open().filter(next_due_on__lt=timezone.localdate())


_FIRST_OF_CASE = Words(
    "Bir dosyada birden çok görüşme olsa da dosya bir kez, ilk görüşmenin gününde sayılır.",
    "A case with several interviews is counted once, on the day of the first.",
)
_OF_TODAY = Words(
    "Bugünkü durumu gösterir; geçmiş bir gün için yeniden hesaplanamaz, bu yüzden dondurulmaz.",
    "Shows how things stand today; it cannot be told again for a past day and is therefore not frozen.",
)
_OPENED = Words("Dosyanın açıldığı gün", "Day on which the case was opened")

INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        "screened",
        Words("Ön taraması yapılan", "Screened"),
        Unit.CASE,
        Words("İlk sonuçlanan taramanın yapıldığı gün", "Day of the first screening with a conclusion"),
        Words("Sonuca bağlanmış en az bir taraması olan dosyalar", "Cases with at least one concluded screening"),
        _screened,
        "held_on",
        Words(
            "Bir dosyada birden çok tarama olsa da dosya bir kez, ilk taramanın gününde sayılır.",
            "A case with several screenings is counted once, on the day of the first.",
        ),
        case="case__",
    ),
    Indicator(
        "interviewed-preliminary",
        Words("Ön görüşmesi yapılan", "Interviewed (preliminary)"),
        Unit.CASE,
        Words("İlk ön görüşmenin yapıldığı gün", "Day of the first preliminary interview"),
        Words("En az bir ön görüşmesi olan dosyalar", "Cases with at least one preliminary interview"),
        lambda: _interviewed(Interview.Kind.PRELIMINARY),
        "held_on",
        _FIRST_OF_CASE,
        case="case__",
    ),
    Indicator(
        "interviewed-identification",
        Words("Tanımlama görüşmesi yapılan", "Interviewed (identification)"),
        Unit.CASE,
        Words("İlk tanımlama görüşmesinin yapıldığı gün", "Day of the first identification interview"),
        Words("En az bir tanımlama görüşmesi olan dosyalar", "Cases with at least one identification interview"),
        lambda: _interviewed(Interview.Kind.IDENTIFICATION),
        "held_on",
        _FIRST_OF_CASE,
        case="case__",
    ),
    Indicator(
        "referred",
        Words("Tanımlama için yönlendirilen", "Referred for identification"),
        Unit.CASE,
        Words("İlk yönlendirmenin yapıldığı gün", "Day of the first referral"),
        Words("Tanımlama için yönlendirilmiş dosyalar", "Cases referred for identification"),
        _referred,
        "on",
        Words("Yeniden değerlendirme yeni bir yönlendirme değildir.", "A reconsideration is not another referral."),
        case="case__",
    ),
    Indicator(
        "identified",
        Words("Tanımlanan mağdur", "Identified victims"),
        Unit.PERSON,
        Words("Mağdur olarak tanımlama kararının verildiği gün", "Day of the decision that recognises the victim"),
        Words(
            "Yürürlükteki kararı “mağdur olarak tanımlandı” olan kişiler; aktarılan geçmiş kayıtlar hariç",
            "Persons whose decision in force recognises them as a victim; imported historic records left out",
        ),
        _recognised,
        "decided_on",
        Words(
            "Kişi, ilk tanımlandığı yılda bir kez sayılır. Aynı kişi olduğuna karar verilen kayıtlar bir kişidir.",
            "A person is counted once, in the year of the first recognition. Records judged to be of the same "
            "person are one person.",
        ),
    ),
    Indicator(
        "not-recognised",
        Words("Mağdur olarak tanımlanmayan", "Not recognised"),
        Unit.CASE,
        Words("Kararın verildiği gün", "Day of the decision"),
        Words(
            "Yürürlükteki kararı “tanımlanmadı” olan dosyalar; aktarılan geçmiş kayıtlar hariç",
            "Cases whose decision in force is “not recognised”; imported historic records left out",
        ),
        _not_recognised,
        "decided_on",
        Words(
            "Yeniden değerlendirmeye alınan karar yürürlükten çıkar ve sayılmaz.",
            "A decision under reconsideration is no longer in force and is not counted.",
        ),
    ),
    Indicator(
        "days-to-decision",
        Words("Karara kadar geçen gün (ortanca)", "Days to decision (median)"),
        Unit.CASE,
        Words("Yürürlükteki kararın verildiği gün", "Day of the decision in force"),
        Words(
            "Yönlendirilmiş ve karara bağlanmış dosyalar; ilk yönlendirmeden yürürlükteki karara kadar takvim günleri",
            "Cases referred and decided; calendar days from the first referral to the decision in force",
        ),
        _decided,
        "case__decided_on",
        Words(
            "Ortancalar toplanmaz; satırlardaki dosya sayıları toplamı verir.",
            "Medians do not add up; the numbers of cases in the rows do.",
        ),
        case="case__",
        measures=Measure.MEDIAN,
        days_from="on",
    ),
    Indicator(
        "open",
        Words("Açık dosyalar", "Open cases"),
        Unit.CASE,
        _OPENED,
        Words(
            "Kapanmamış ve “tanımlanmadı” kararı verilmemiş dosyalar; aktarılan geçmiş kayıtlar hariç",
            "Cases neither closed nor decided as “not recognised”; imported historic records left out",
        ),
        _open,
        "opened_on",
        _OF_TODAY,
        is_state=True,
        breakdowns=("stage", "year", *FROZEN_DIMENSIONS, "age_group"),
    ),
    Indicator(
        "overdue",
        Words("Süresi geçmiş dosyalar", "Overdue cases"),
        Unit.CASE,
        _OPENED,
        Words(
            "Karşılanmamış en erken süresi bugünden önce dolmuş açık dosyalar",
            "Open cases whose earliest unmet deadline lies before today",
        ),
        _overdue,
        "opened_on",
        _OF_TODAY,
        is_state=True,
        breakdowns=("stage", "year", *FROZEN_DIMENSIONS, "age_group"),
    ),
    Indicator(
        "recorded-victims",
        Words("Kaydedilen mağdurlar", "Recorded victims"),
        Unit.PERSON,
        Words(
            "Dosyanın açıldığı, aktarılan kayıtlarda kaydedildiği gün",
            "Day the case was opened or, imported, registered",
        ),
        Words(
            "Aktarılan geçmiş derlemeler dahil, mağdur olarak kaydedilmiş bütün kişiler",
            "All persons recorded as victims, imported historic collections included",
        ),
        _recorded_victims,
        "opened_on",
        Words(
            "Aktarılan derlemeler başka ülkelerdeki mağdurları da içerir; ulusal sayı değildir. Kişi bir kez, "
            "ilk dosyasının yılında ve kaynağında sayılır.",
            "Imported collections include victims in other countries; this is not a national figure. A person is "
            "counted once, in the year and under the source of the first case.",
        ),
    ),
)
BY_CODE = {indicator.code: indicator for indicator in INDICATORS}
