"""From checked values to persons and cases, as the rooms below take them."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from kalkan.cases.history import HistoricCase
from kalkan.exchange.problems import CellRefused
from kalkan.exchange.values import RoughDay
from kalkan.persons.details import ContactGiven, DocumentGiven, NameGiven, PersonDetails, RoughDate
from kalkan.persons.history import HistoricPerson

_UNKNOWN = "unknown"


def person_of(reference: UUID, values: Mapping[str, Any]) -> HistoricPerson:
    """The person of a row that names nobody."""
    get = values.get
    return HistoricPerson(
        reference=reference,
        sex=get("person.sex", _UNKNOWN),
        gender=get("person.gender", ""),
        age_band=get("person.age_band", _UNKNOWN),
        citizenships=get("person.citizenships", ()),
        statelessness=get("person.statelessness", ""),
        languages=get("person.languages", ()),
    )


def details_of(values: Mapping[str, Any]) -> PersonDetails:
    """The person of a row that may say who it is."""
    get = values.get
    given, family, birth = get("name.given", ""), get("name.family", ""), get("birth")
    return PersonDetails(
        names=(NameGiven("given", given, family),) if given or family else (),
        sex=get("person.sex", _UNKNOWN),
        gender=get("person.gender", ""),
        birth=RoughDate(birth.value, birth.precision) if birth else None,
        citizenships=get("person.citizenships", ()),
        statelessness=get("person.statelessness", ""),
        languages=get("person.languages", ()),
        documents=tuple(
            DocumentGiven(kind, values[f"document.{kind}"])
            for kind in ("national_id", "passport")
            if f"document.{kind}" in values
        ),
        # Whether it is safe to call is not told by a table: nothing is presumed.
        contacts=tuple(
            ContactGiven(kind, values[f"contact.{kind}"])
            for kind in ("mobile", "home_phone", "email", "address")
            if f"contact.{kind}" in values
        ),
    )


def sparing_children(values: Mapping[str, Any], *, is_child: bool) -> Mapping[str, Any]:
    """The values, with the means of control moved from a child's open case into the sealed note.

    Penal Code art. 80/3: for a child the means do not matter, and Kalkan never asks for them. What another body wrote
    down is kept, but not where it would count.
    """
    if not is_child or values.get("case.state") == "closed" or "episode.means" not in values:
        return values
    kept = {name: value for name, value in values.items() if name != "episode.means"}
    told = f"means_of_control: {', '.join(values['episode.means'])}"
    return {**kept, "note": f"{values['note']}\n{told}" if "note" in values else told}


def case_of(reference: UUID, *, person: UUID, values: Mapping[str, Any], is_child: bool, today: date) -> HistoricCase:
    """The case of a row. Raises CellRefused where its dates do not fit together."""
    get = values.get
    is_open = get("case.state", "open") == "open"
    # An open case without a day of referral begins on the day that it reaches us.
    opened = get("case.opened_on") or (RoughDay(today, "day") if is_open else get("case.closed_on"))
    if opened is None:
        raise CellRefused("date_needed")
    closed = None if is_open else _not_before(get("case.closed_on"), opened)
    if is_open and is_child and get("episode.means"):
        raise CellRefused("means_of_child")
    began = get("episode.began_on")
    ended = _not_before(get("episode.ended_on"), began)
    return HistoricCase(
        reference=reference,
        person=person,
        opened_on=opened.value,
        opened_on_precision=opened.precision,
        is_open=is_open,
        is_child=is_child,
        closed_on=closed.value if closed else None,
        found_elsewhere=get("case.outcome", ""),
        signal=get("case.signal", ""),
        province=get("case.province"),
        charged_articles=get("case.charged_articles", ()),
        forms=get("episode.forms", ()),
        sub_forms=get("episode.sub_forms", ()),
        sector=get("episode.sector", ""),
        means=get("episode.means", ()),
        recruitment=get("episode.recruitment", ()),
        recruiter_relation=get("episode.recruiter_relation", ""),
        countries=get("episode.countries", ()),
        began_on=began.value if began else None,
        began_precision=began.precision if began else "",
        ended_on=ended.value if ended else None,
        ended_precision=ended.precision if ended else "",
    )


def _not_before(end: RoughDay | None, start: RoughDay | None) -> RoughDay | None:
    """The end, moved up to the start where only a roughly known end (2021) seems to lie before it (June 2021)."""
    if end is None or start is None or end.value >= start.value:
        return end
    ends = RoughDate(end.value, end.precision)
    starts = RoughDate(start.value, start.precision)
    if ends.latest < starts.earliest:
        raise CellRefused("ends_before_it_begins")
    return RoughDay(start.value, end.precision)
