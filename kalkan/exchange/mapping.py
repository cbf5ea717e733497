"""A mapping file says, in TOML, how the columns of one kind of table become persons and cases. Nothing in it runs.

See docs/guide/exchange.md for the format.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from kalkan.access.models import InstitutionKind
from kalkan.exchange import answers, values
from kalkan.exchange.problems import CellRefused
from kalkan.exchange.targets import TARGETS, Kind, Target

SIZE = 256 * 1024
_TOP = {
    "title_tr": str,
    "title_en": str,
    "source": str,
    "kinds": list,
    "delimiter": str,
    "date_order": str,
    "key": str,
    "ignore": list,
    "others": str,
    "columns_optional": bool,
    "institution": dict,
    "defaults": dict,
    "column": list,
}
_COLUMN = {
    "name": str,
    "names": list,
    "target": str,
    "values": dict,
    "bands": dict,
    "split": str,
    "optional": bool,
    "required": bool,
}
_INSTITUTION = {"code": str, "kind": str, "name_tr": str, "name_en": str}


class MappingWrong(Exception):
    """The mapping file cannot be used. Carries a sentence for each thing to mend."""

    def __init__(self, sentences: list[str]):
        super().__init__("\n".join(sentences))
        self.sentences = sentences


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file and where it leads. An empty name stands for the first column without a heading."""

    names: tuple[str, ...]
    target: str
    values: Mapping[str, tuple[str, ...]] | None = None
    bands: Mapping[str, tuple[int, int | None]] | None = None
    split: str = ";"
    is_optional: bool = False
    is_required: bool = False

    @property
    def goal(self) -> Target:
        return TARGETS[self.target]


@dataclass(frozen=True, slots=True)
class InstitutionGiven:
    """The body that a collection's records stand under, made when it is not there yet."""

    code: str
    kind: str
    name_tr: str
    name_en: str


@dataclass(frozen=True, slots=True)
class TableMapping:
    """A checked mapping."""

    source: str
    title_tr: str
    title_en: str
    columns: tuple[Column, ...]
    kinds: tuple[str, ...] = ("csv", "xlsx")
    delimiter: str | None = None
    date_order: str | None = None
    key: str | None = None
    ignore: tuple[str, ...] = ()
    seals_others: bool = False
    institution: InstitutionGiven | None = None
    defaults: Mapping[str, str] = field(default_factory=dict)
    is_named: bool = False  # records of this kind say who a person is, so that they go through the vault


def read(path: Path) -> TableMapping:
    """The mapping in a file. Raises MappingWrong."""
    try:
        if path.stat().st_size > SIZE:
            raise MappingWrong([_("The mapping file is too large.")])
        return parse(path.read_bytes())
    except OSError:
        raise MappingWrong([_("There is no readable mapping file “%(name)s”.") % {"name": path.name}]) from None


def parse(raw: bytes) -> TableMapping:
    """The mapping in TOML bytes. Raises MappingWrong with a sentence for each thing to mend."""
    if len(raw) > SIZE:
        raise MappingWrong([_("The mapping file is too large.")])
    try:
        content = tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise MappingWrong([_("The mapping file is not in UTF-8.")]) from None
    except (tomllib.TOMLDecodeError, RecursionError) as wrong:
        raise MappingWrong([_("The mapping file is not TOML: %(why)s.") % {"why": str(wrong)[:200]}]) from None
    wrong_sentences = list(_shape("", content, _TOP))
    if wrong_sentences:
        raise MappingWrong(wrong_sentences)
    return _build(content)


def _shape(place: str, table: Mapping[str, Any], expected: Mapping[str, type]) -> Iterator[str]:
    for name, value in table.items():
        if name not in expected:
            yield _("%(place)s“%(name)s” is not a setting; known are: %(known)s.") % {
                "place": place,
                "name": name[:60],
                "known": ", ".join(expected),
            }
        elif type(value) is not expected[name]:
            yield _("%(place)s“%(name)s” must be a %(type)s.") % {
                "place": place,
                "name": name,
                "type": {str: _("text"), list: _("list"), dict: _("table"), bool: _("true or false")}[expected[name]],
            }


def _build(content: dict[str, Any]) -> TableMapping:
    wrong: list[str] = []
    source = content.get("source", "")
    if not source or len(source) > 40 or not source.isprintable():
        wrong.append(_("“source” must name the collection, in at most 40 signs."))
    if source == "kalkan":
        wrong.append(_("“source” may not be “kalkan”: that is how our own records are marked."))
    for name, choices in (("date_order", values.ORDERS), ("others", ("refuse", "seal"))):
        if name in content and content[name] not in choices:
            wrong.append(_("“%(name)s” must be one of: %(known)s.") % {"name": name, "known": ", ".join(choices)})
    if len(content.get("delimiter", ",")) != 1 or content.get("delimiter") in {'"', "\n", "\r", "\0"}:
        wrong.append(_("“delimiter” must be a single sign."))
    for name in ("ignore", "kinds"):
        if not all(isinstance(item, str) for item in content.get(name, [])):
            wrong.append(_("“%(name)s” must be a list of texts.") % {"name": name})
    if not set(map(str, content.get("kinds", []))) <= {"csv", "xlsx"}:
        wrong.append(_("“%(name)s” must be one of: %(known)s.") % {"name": "kinds", "known": "csv, xlsx"})
    columns = _columns(content, wrong)
    if wrong:
        raise MappingWrong(wrong)
    _check_together(columns, content, wrong)
    institution = _institution(content.get("institution"), wrong)
    defaults = _defaults(content.get("defaults", {}), wrong)
    if wrong:
        raise MappingWrong(wrong)
    is_named = content.get("others") == "seal" or any(column.goal.is_identity for column in columns)
    if is_named and any(column.target == "person.age_band" for column in columns):
        raise MappingWrong([_("“person.age_band” is for tables without identities; with them, give “birth”.")])
    return TableMapping(
        source=source,
        title_tr=content.get("title_tr") or source,
        title_en=content.get("title_en") or source,
        columns=columns,
        kinds=tuple(content.get("kinds", ("csv", "xlsx"))),
        delimiter=content.get("delimiter"),
        date_order=content.get("date_order"),
        key=content.get("key"),
        ignore=tuple(content.get("ignore", ())),
        seals_others=content.get("others") == "seal",
        institution=institution,
        defaults=defaults,
        is_named=is_named,
    )


def _columns(content: dict[str, Any], wrong: list[str]) -> tuple[Column, ...]:
    entries = content.get("column", [])
    if not entries:
        wrong.append(_("The mapping names no column: add a [[column]] for each."))
    found = []
    for number, entry in enumerate(entries, 1):
        place = _("Column %(number)s: ") % {"number": number}
        if not isinstance(entry, dict):
            wrong.append(place + _("write each column under [[column]]."))
            continue
        sentences = [*_shape(place, entry, _COLUMN), *_column_problems(place, entry)]
        wrong.extend(sentences)
        if not sentences:
            found.append(_column(entry, is_optional=content.get("columns_optional", False)))
    return tuple(found)


def _column_problems(place: str, entry: dict[str, Any]) -> Iterator[str]:
    names = entry.get("names", [entry["name"]] if "name" in entry else [])
    if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
        yield place + _("“name” (or a list “names”) must say how the column is headed.")
    target = TARGETS.get(str(entry.get("target")))
    if target is None:
        yield place + _("“target” must be one of: %(known)s.") % {"known": ", ".join(TARGETS)}
        return
    if "values" in entry and "bands" in entry:
        yield place + _("use either “values” or “bands”.")
    if ("values" in entry or "bands" in entry) and target.kind not in {Kind.CODE, Kind.CODES}:
        yield place + _("“values” and “bands” belong to columns that lead to a code list.")
        return
    if "split" in entry and target.kind is not Kind.CODES:
        yield place + _("“split” belongs to columns that lead to several codes.")
    for given, meant in entry.get("values", {}).items() if isinstance(entry.get("values"), dict) else ():
        listed = meant if isinstance(meant, list) else [meant]
        if target.kind is Kind.CODE and len(listed) > 1:
            yield place + _("“%(given)s” leads to several codes, but the target takes one.") % {"given": given}
        for code in listed:
            if not isinstance(code, str) or not answers.is_known(target.code_list, code):
                yield place + _("“%(code)s” is not a code of the list “%(list)s”.") % {
                    "code": str(code)[:60],
                    "list": target.code_list,
                }
    for code, edges in entry.get("bands", {}).items() if isinstance(entry.get("bands"), dict) else ():
        if not answers.is_known(target.code_list, code):
            yield place + _("“%(code)s” is not a code of the list “%(list)s”.") % {
                "code": code[:60],
                "list": target.code_list,
            }
        if not _are_edges(edges):
            yield place + _("the band “%(code)s” must be [lowest, highest] or [lowest].") % {"code": code[:60]}


def _are_edges(edges: object) -> bool:
    return (
        isinstance(edges, list)
        and len(edges) in {1, 2}
        and all(type(edge) is int for edge in edges)
        and (len(edges) == 1 or edges[0] <= edges[1])
    )


def _column(entry: dict[str, Any], *, is_optional: bool) -> Column:
    given = entry.get("values")
    bands = entry.get("bands")
    return Column(
        names=tuple(entry.get("names", [entry.get("name", "")])),
        target=entry["target"],
        values=None
        if given is None
        else {value: tuple(meant) if isinstance(meant, list) else (meant,) for value, meant in given.items()},
        bands=None
        if bands is None
        else {code: (edges[0], edges[1] if len(edges) == 2 else None) for code, edges in bands.items()},
        split=entry.get("split", ";"),
        is_optional=entry.get("optional", is_optional),
        is_required=entry.get("required", False),
    )


def _check_together(columns: tuple[Column, ...], content: dict[str, Any], wrong: list[str]) -> None:
    for target in {column.target for column in columns}:
        leading = [column for column in columns if column.target == target]
        if len(leading) > 1 and TARGETS[target].kind in {Kind.CODE, Kind.DATE}:
            wrong.append(_("Several columns lead to “%(target)s”, which takes one.") % {"target": target})
    if "columns_optional" not in content and not any(not column.is_optional for column in columns):
        wrong.append(_("At least one column must not be optional, or any table would fit."))
    if not any(column.target == "case.opened_on" for column in columns) and "case.opened_on" not in content.get(
        "defaults", {}
    ):
        wrong.append(_("No column leads to “case.opened_on”, and “defaults” does not give it either."))


def _institution(entry: dict[str, Any] | None, wrong: list[str]) -> InstitutionGiven | None:
    if entry is None:
        return None
    sentences = list(_shape("[institution] ", entry, _INSTITUTION))
    missing = [name for name in _INSTITUTION if not entry.get(name)]
    if missing:
        sentences.append(_("[institution] lacks: %(names)s.") % {"names": ", ".join(missing)})
    elif entry["kind"] not in InstitutionKind.values:
        known = ", ".join(InstitutionKind.values)
        sentences.append(_("“%(name)s” must be one of: %(known)s.") % {"name": "institution.kind", "known": known})
    wrong.extend(sentences)
    return None if sentences else InstitutionGiven(**entry)


def _defaults(entry: dict[str, Any], wrong: list[str]) -> dict[str, str]:
    for name, value in entry.items():
        target = TARGETS.get(name)
        if target is None or target.is_identity or not isinstance(value, str):
            wrong.append(_("[defaults] “%(name)s” is not a target that can have a default.") % {"name": name[:60]})
        elif target.code_list and not answers.is_known(target.code_list, value):
            wrong.append(
                _("“%(code)s” is not a code of the list “%(list)s”.") % {"code": value[:60], "list": target.code_list}
            )
        elif target.kind is Kind.DATE:
            try:
                values.rough_day(value, today=_FAR)
            except CellRefused:
                wrong.append(_("[defaults] “%(name)s” is not a date.") % {"name": name})
    return {name: value for name, value in entry.items() if isinstance(value, str)}


_FAR = date(2200, 1, 1)
