"""What the code lists, indicators and provisions say. No query once a process has read them (see `stamp`)."""

from collections.abc import Iterable
from datetime import date

from django.utils import timezone

from kalkan.vocabulary import stamp
from kalkan.vocabulary.language import active
from kalkan.vocabulary.models import ClosedDay, Code, CodeList, Indicator, IndicatorWeight, Province, Provision


class NoProvision(LookupError):
    """No rule of that code held on that day."""


def codes(list_code: str, *, on: date | None = None, retired: bool = False) -> list[Code]:
    """The codes of a list that may be chosen on a day (default: today), in order; with `retired`, all it ever had.

    Raises KeyError for a list that is not loaded.
    """
    found = _list(list_code).values()
    day = on or timezone.localdate()
    return [code for code in found if retired or code.holds_on(day)]


def choices(list_code: str, *, on: date | None = None, parent: str | None = None) -> list[tuple[str, str]]:
    """Codes and labels in the active language for a form, of one parent if given."""
    label = f"label_{active()}"
    found = codes(list_code, on=on)
    return [(code.code, getattr(code, label)) for code in found if parent is None or code.parent == parent]


def label(list_code: str, code: str) -> str:
    """The label in the active language, retired codes included; the code itself where the list does not know it."""
    found = _list(list_code).get(code)
    return found.label if found else code


def labels(list_code: str, several: Iterable[str]) -> list[str]:
    """The label of each code."""
    return [label(list_code, code) for code in several]


def is_known(list_code: str, code: str, *, on: date | None = None) -> bool:
    """True if the list has the code, retired ones included; with `on`, if it may be chosen on that day."""
    found = _list(list_code).get(code)
    return found is not None and (on is None or found.holds_on(on))


def resolve(list_code: str, text: str) -> str | None:
    """The code that a file or a person means by `text`: a code, a label in either language or an alias.

    Case, spaces and dotted or dotless i make no difference. None if nothing fits.
    """
    if is_known(list_code, text):
        return text
    return stamp.remember(("spellings", list_code), lambda: _spellings(list_code)).get(_plain(text))


def find(list_code: str, words: str) -> list[Code]:
    """The codes of a list, retired ones included, in which each word stands: in the code, a label or an alias."""
    wanted = _plain(words).split()
    return [
        code
        for code in _list(list_code).values()
        if all(word in _plain(" ".join([code.code, code.label_tr, code.label_en, *code.aliases])) for word in wanted)
    ]


def lists() -> list[CodeList]:
    """Every list that is loaded, by code."""
    return stamp.remember("lists", lambda: list(CodeList.objects.all()))


def sizes() -> dict[str, int]:
    """How many codes or rows each list holds, retired ones included."""
    counts = {code: len(rows) for code, rows in stamp.remember("codes", _all_codes).items()}
    return counts | {
        "indicator": len(indicators(retired=True)),
        "indicator_weight": len(stamp.remember("weights", _all_weights)),
        "provision": len(provisions()),
        "closed_day": len(closed_days()),
    }


def provinces(*, retired: bool = False) -> list[Province]:
    """The provinces by code."""
    found = stamp.remember("provinces", lambda: list(Province.objects.all()))
    return [province for province in found if retired or province.retired_on is None]


def province(code: str) -> Province:
    """One province, retired ones included. Raises KeyError if there is none."""
    return {row.code: row for row in provinces(retired=True)}[code]


def indicators(*, retired: bool = False) -> list[Indicator]:
    """The screening indicators in the order of the interview."""
    found = stamp.remember("indicators", lambda: list(Indicator.objects.all()))
    return [indicator for indicator in found if retired or indicator.retired_on is None]


def indicator_weights(profile: str, on: date | None = None) -> dict[str, IndicatorWeight]:
    """The weight of each indicator for a profile on a day (default: today), by the indicator's code.

    An indicator that is missing here is asked but not counted for this profile.
    """
    day = on or timezone.localdate()
    found = stamp.remember("weights", _all_weights)
    return {
        row.indicator_id: row
        for row in found
        if row.profile == profile and row.valid_from <= day and (row.valid_to is None or day < row.valid_to)
    }


def provisions(*, kind: str | None = None, on: date | None = None) -> list[Provision]:
    """The provisions, of one kind or holding on one day if given."""
    found = stamp.remember("provisions", lambda: list(Provision.objects.all()))
    return [row for row in found if (kind is None or row.kind == kind) and (on is None or _holds(row, on))]


def provision(code: str, *, on: date) -> Provision:
    """The rule of that code as it stood on that day. Raises NoProvision if none did."""
    for row in provisions(on=on):
        if row.code == code:
            return row
    raise NoProvision(f"{code} on {on}")


def closed_days() -> dict[date, ClosedDay]:
    """The days that the public calendar does not know."""
    found = stamp.remember("days", lambda: list(ClosedDay.objects.filter(retired_on=None)))
    return {row.day: row for row in found}


def _holds(row: Provision, day: date) -> bool:
    return row.valid_from <= day and (row.valid_to is None or day < row.valid_to)


def _all_weights() -> list[IndicatorWeight]:
    rows = IndicatorWeight.objects.select_related("indicator")
    return list(rows.order_by("indicator__position", "profile", "valid_from"))


def _list(list_code: str) -> dict[str, Code]:
    return stamp.remember("codes", _all_codes)[list_code]


def _all_codes() -> dict[str, dict[str, Code]]:
    """All lists at once: one query, and the same number of queries whichever list a page asks for first."""
    found: dict[str, dict[str, Code]] = {code: {} for code in CodeList.objects.values_list("code", flat=True)}
    for code in Code.objects.order_by("code_list_id", "position", "code"):
        found[code.code_list_id][code.code] = code
    return found


def _spellings(list_code: str) -> dict[str, str]:
    found: dict[str, str] = {}
    rows = _list(list_code).values()
    for take in (lambda row: [row.code], lambda row: [row.label_tr, row.label_en], lambda row: row.aliases):
        for row in rows:
            for spelling in take(row):
                found.setdefault(_plain(spelling), row.code)
    return found


def _plain(text: str) -> str:
    folded = text.replace("İ", "i").replace("I", "i").replace("ı", "i").casefold()
    return " ".join(folded.split())
