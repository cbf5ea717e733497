"""A table read through a mapping: where its headings stand, and what each row says, as checked values."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from kalkan.exchange import answers, limits
from kalkan.exchange.mapping import Column, TableMapping
from kalkan.exchange.problems import CellRefused, FileRefused, Notice, Problem, refuse
from kalkan.exchange.reading import Broken, Cell, Document, Row, Sheet
from kalkan.exchange.targets import JOINED, TARGETS, Kind
from kalkan.exchange.values import band, folded, rough_day, words

_FEW = 3  # headings that make a row the heading row where no column is obligatory
_CACHED = 50_000
_SHOWN = 12
_TEXT = 10_000

Fingerprint = Callable[[str], UUID]


class Record(NamedTuple):
    """One row understood: target → value. `key` and `digest` are keyed fingerprints, never the values themselves."""

    row: int
    key: UUID
    digest: UUID
    values: Mapping[str, Any]
    has_own_key: bool


@dataclass(slots=True)
class Place:
    """One column of the sheet and what is done with it."""

    index: int
    shown: str
    column: Column
    cache: dict[Cell, Any] = field(default_factory=dict)


class Table:
    """The sheet of a document that holds the mapping's columns.

    Raises FileRefused on construction where no sheet does.
    """

    def __init__(self, document: Document, mapping: TableMapping, *, fingerprint: Fingerprint, today: date):
        if document.kind not in mapping.kinds:
            raise refuse("wrong_kind", expected=" / ".join(f".{kind}" for kind in mapping.kinds))
        self._mapping, self._fingerprint, self._today = mapping, fingerprint, today
        self.notices = list(document.notices)
        self._places: list[Place] = []
        self._sealed: dict[int, str] = {}
        self._ignored: set[int] = set()
        self._key_at: int | None = None
        self._sheet, self._last_heading_row, headings = self._find(document)
        self._width = len(headings)
        self._lay_out(headings)
        top = self._last_heading_row
        for first, last, shown in self._sheet.merged():
            if last >= top:
                raise refuse("merged_cells", row=first, range=shown)
        self._whole_rows: dict[tuple[Cell, ...], tuple[dict[str, Any], UUID] | list[Problem]] = {}
        self._ordinals: dict[UUID, int] = {}

    def filled_rows(self) -> Iterator[Row]:
        """The rows below the headings in which anything is written that is not ignored."""
        count = 0
        for row in self._sheet.rows():
            if row.number <= self._last_heading_row or not self._says_something(row.cells):
                continue
            count += 1
            if count > limits.ROWS:
                raise refuse("too_many_rows", limit=limits.ROWS)
            yield row

    def records(self) -> Iterator[Record | list[Problem]]:
        """Each filled row as a record, or as its problems."""
        self._ordinals.clear()
        for row in self.filled_rows():
            yield self._record(row)

    def _says_something(self, cells: list[Cell]) -> bool:
        if not self._ignored:
            return any(cells)
        return any(cell for index, cell in enumerate(cells) if index not in self._ignored)

    # --- headings ------------------------------------------------------------------------------------------------

    def _find(self, document: Document) -> tuple[Sheet, int, list[str]]:
        """The sheet, the last heading row, and each column's heading. A second heading row below the first wins."""
        named = {folded(name) for column in self._mapping.columns for name in column.names if name}
        obliged = sum(not column.is_optional for column in self._mapping.columns)
        enough = min(_FEW, len(self._mapping.columns), obliged // 2 or _FEW)
        for sheet in document.sheets:
            best: tuple[int, Row] | None = None
            below: Row | None = None
            for position, row in enumerate(sheet.rows()):
                if position >= limits.HEADER_ROWS:
                    break
                score = sum(folded(_text(cell)) in named for cell in row.cells if cell)
                if best is None and score >= enough:
                    best = (score, row)
                elif best is not None:
                    below = row if row.number == best[1].number + 1 and score >= enough else None
                    break
            if best is not None:
                return self._headings(sheet, best[1], below, named)
        first = next(name for column in self._mapping.columns for name in column.names if name)
        raise refuse("no_header", limit=limits.HEADER_ROWS, first=first)

    def _headings(self, sheet: Sheet, upper: Row, lower: Row | None, named: set[str]) -> tuple[Sheet, int, list[str]]:
        headings = [_text(cell) for cell in upper.cells]
        if lower is None:
            return sheet, upper.number, headings
        visible = [_text(cell) for cell in lower.cells]
        width = max(len(headings), len(visible))
        headings += [""] * (width - len(headings))
        visible += [""] * (width - len(visible))
        by_name = {folded(name): column for column in self._mapping.columns for name in column.names}
        differing = 0
        for index, shown in enumerate(visible):
            if folded(shown) in named:
                hidden = by_name.get(folded(headings[index])) if headings[index] else None
                differing += hidden is not None and hidden is not by_name[folded(shown)]
                headings[index] = shown
            elif shown and folded(headings[index]) not in named:
                headings[index] = shown
        if differing:
            self.notices.append(Notice("headings_disagree", {"columns": differing}))
        return sheet, lower.number, headings

    def _lay_out(self, headings: list[str]) -> None:
        problems: list[Problem] = []
        taken: dict[int, int] = {}
        nameless = next((index for index, heading in enumerate(headings) if not heading), None)

        def places_of(names: tuple[str, ...]) -> list[int]:
            wanted = {folded(name) for name in names if name}
            found = [index for index, heading in enumerate(headings) if heading and folded(heading) in wanted]
            return [nameless] if not found and "" in names and nameless is not None else found

        for column in self._mapping.columns:
            found = places_of(column.names)
            if not found and not column.is_optional:
                problems.append(Problem("column_missing", self._last_heading_row, column.names[0]))
            if len(found) > 1:
                facts = {"first": letters(found[0]), "second": letters(found[1])}
                problems.append(Problem("column_twice", self._last_heading_row, column.names[0], facts=facts))
            taken.update(dict.fromkeys(found, 1))
            for index in found[:1]:
                self._places.append(Place(index, headings[index] or letters(index), column))
        if self._mapping.key is not None:
            at = places_of((self._mapping.key,))
            if len(at) == 1:
                self._key_at = at[0]
                taken[at[0]] = 1
            elif at:
                facts = {"first": letters(at[0]), "second": letters(at[1])}
                problems.append(Problem("column_twice", self._last_heading_row, self._mapping.key, facts=facts))
            elif not self._mapping.seals_others:
                name = self._mapping.key or letters(0)
                problems.append(Problem("column_missing", self._last_heading_row, name))
        self._ignored = {index for name in self._mapping.ignore for index in places_of((name,))} - set(taken)
        for index, heading in enumerate(headings):
            if index in taken or index in self._ignored:
                continue
            if self._mapping.seals_others:
                self._sealed[index] = heading or letters(index)
            elif heading:
                problems.append(Problem("column_unknown", self._last_heading_row, letters(index), heading[:200]))
        if problems:
            raise FileRefused(*problems)
        if self._sealed:
            self.notices.append(Notice("kept_as_note", {"columns": len(self._sealed)}))

    # --- rows ----------------------------------------------------------------------------------------------------

    def _record(self, row: Row) -> Record | list[Problem]:
        cells = row.cells
        if self._sheet.is_ragged_wrong and (len(cells) < self._width or any(cells[self._width :])):
            return [Problem("ragged_row", row.number, facts={"found": len(cells), "expected": self._width})]
        for index in range(self._width, 0 if self._mapping.seals_others else len(cells)):
            if cells[index]:
                return [Problem("column_unknown", row.number, letters(index), _text(cells[index])[:200])]
        if len(cells) < self._width:
            cells = cells + [""] * (self._width - len(cells))
        key = ""
        if self._key_at is not None:
            key = _text(cells[self._key_at])
            if not key or isinstance(cells[self._key_at], Broken):
                return [Problem("key_missing", row.number, letters(self._key_at))]
            cells = [*cells[: self._key_at], "", *cells[self._key_at + 1 :]]
        understood = self._understand(cells) if self._mapping.is_named else self._remembered(tuple(cells))
        if isinstance(understood, list):
            return [Problem(p.code, row.number, p.column, p.value, p.facts) for p in understood]
        values, digest = understood
        if key:
            return Record(row.number, self._fingerprint(f"key {key}"), digest, values, True)
        ordinal = self._ordinals[digest] = self._ordinals.get(digest, 0) + 1
        return Record(row.number, self._fingerprint(f"row {digest} {ordinal}"), digest, values, False)

    def _remembered(self, cells: tuple[Cell, ...]) -> tuple[dict[str, Any], UUID] | list[Problem]:
        """Unnamed rows are often alike: the 48,801 of CTDC are 2,521 different ones."""
        understood = self._whole_rows.get(cells)
        if understood is None:
            understood = self._understand(list(cells))
            if len(self._whole_rows) >= _CACHED:
                self._whole_rows.clear()
            self._whole_rows[cells] = understood
        return understood

    def _understand(self, cells: list[Cell]) -> tuple[dict[str, Any], UUID] | list[Problem]:
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        for place in self._places:
            cell = cells[place.index]
            try:
                value = place.cache.get(cell)
                if value is None:
                    value = self._value(place.column, cell)
                    if not place.column.goal.is_identity and len(place.cache) < _CACHED and type(cell) is str:
                        place.cache[cell] = value
            except CellRefused as wrong:
                problems.append(Problem(wrong.code, None, place.shown, str(cell)[:200], wrong.facts))
                continue
            if value:
                _put(values, place.column, value)
        try:
            if self._sealed and (rest := self._rest(cells)):
                values["note"] = f"{values['note']}\n{rest}" if "note" in values else rest
        except CellRefused as wrong:
            problems.append(Problem(wrong.code, None, "", "", wrong.facts))
        if problems:
            return problems
        for target, given in self._mapping.defaults.items():
            if target not in values:
                values[target] = self._default(target, given)
        return values, self._fingerprint("\n".join(f"{target}\t{values[target]!r}" for target in sorted(values)))

    def _default(self, target: str, given: str) -> Any:
        match TARGETS[target].kind:
            case Kind.DATE:
                return rough_day(given, today=self._today)
            case Kind.CODES:
                return (given,)
        return given

    def _rest(self, cells: list[Cell]) -> str:
        """What has no place of its own, with its headings: sealed with the person, so that nothing is lost."""
        lines = []
        for index, cell in enumerate(cells):
            if cell and (index in self._sealed or index >= self._width):
                heading = self._sealed.get(index, letters(index))
                if isinstance(cell, Broken):
                    raise CellRefused(cell.code)
                lines.append(f"{heading}: {words(_text(cell), limit=_TEXT)}")
        return "\n".join(lines)

    def _value(self, column: Column, cell: Cell) -> Any:
        """The value of one cell: () for an empty one, else a code, a tuple of codes, a RoughDay or a text."""
        if isinstance(cell, Broken):
            raise CellRefused(cell.code)
        if cell == "":
            if column.is_required:
                raise CellRefused("needed")
            return ()
        goal = column.goal
        match goal.kind:
            case Kind.DATE:
                text = cell.isoformat() if isinstance(cell, date) else cell
                return rough_day(text, order=self._mapping.date_order, today=self._today)
            case Kind.TEXT:
                return words(_text(cell), limit=_TEXT)
        codes = self._codes(column, words(_text(cell), limit=_TEXT))
        if goal.kind is Kind.CODES:
            return codes
        if len(codes) > 1:
            raise CellRefused("several_values")
        return codes[0] if codes else ()

    def _codes(self, column: Column, text: str) -> tuple[str, ...]:
        if column.bands is not None:
            return (band(text, column.bands),)
        whole = self._lookup(column, text)
        if whole is not None:
            return whole
        parts = [text]
        if column.goal.kind is Kind.CODES:
            for sign in column.split:
                parts = [piece for part in parts for piece in part.split(sign)]
        found: dict[str, None] = {}
        for part in filter(None, map(str.strip, parts)):
            codes = self._lookup(column, part)
            if codes is None:
                raise self._unknown(column)
            found.update(dict.fromkeys(codes))
        return tuple(found)

    def _lookup(self, column: Column, text: str) -> tuple[str, ...] | None:
        if column.values is not None:
            return column.values.get(text)
        code = answers.resolve(column.goal.code_list, text)
        return None if code is None else (code,)

    def _unknown(self, column: Column) -> CellRefused:
        if column.values is not None:
            return CellRefused("unknown_value", known=", ".join(list(column.values)[:_SHOWN]))
        return CellRefused("unknown_code", list=column.goal.code_list)


def _put(values: dict[str, Any], column: Column, value: Any) -> None:
    target = column.target
    if target not in values:
        values[target] = value
    elif column.goal.kind is Kind.CODES:
        values[target] = (*values[target], *(code for code in value if code not in values[target]))
    elif target in JOINED:
        values[target] = f"{values[target]}, {value}"
    else:
        values[target] = f"{values[target]} {value}"


def _text(cell: Cell) -> str:
    return cell.isoformat() if isinstance(cell, date) else cell


def letters(index: int) -> str:
    """The column's letters as a spreadsheet shows them.

    >>> letters(0), letters(27)
    ('A', 'AB')
    """
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text
