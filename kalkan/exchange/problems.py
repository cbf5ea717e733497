"""What can be wrong with a file, said so that the person who filled it can mend it.

A problem names its place and carries codes only; the value as given travels beside it, is shown to the person who
imports, is kept sealed, and is never logged.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

# code: (what is wrong, how to mend it)
SENTENCES: dict[str, tuple[Any, Any]] = {
    # the file as a whole
    "empty_file": (_("The file is empty."), _("Save the table again and upload that file.")),
    "too_large": (
        _("The file is larger than %(limit)s MB."),
        _("Split the table into several files and import them one after the other."),
    ),
    "encrypted": (
        _("The workbook is protected with a password."),
        _("Open it in Excel, remove the password (File, Info, Protect Workbook), and save it again."),
    ),
    "old_excel": (
        _("This is an old Excel file (.xls), whatever its name says."),
        _("Open it and save it as “Excel Workbook (.xlsx)”."),
    ),
    "not_a_table": (
        _("This is neither a spreadsheet (.xlsx) nor a text table (.csv)."),
        _("Save the table as .xlsx or .csv and upload that file."),
    ),
    "wrong_kind": (
        _("This format is read from %(expected)s files."),
        _("Save the table as %(expected)s, or choose another format."),
    ),
    "damaged_workbook": (
        _("The workbook is damaged: its part “%(part)s” cannot be read."),
        _("Open it in Excel or LibreOffice, let it repair the file, and save it again."),
    ),
    "inflates_too_much": (
        _("The workbook unpacks to far more than a table of this size can hold."),
        _("Copy the filled cells into a new workbook and save that."),
    ),
    "unsafe_xml": (
        _("The workbook holds XML declarations that no spreadsheet program writes."),
        _("Copy the filled cells into a new workbook and save that."),
    ),
    "bad_encoding": (
        _("The letters in line %(line)s are not in one encoding (UTF-8, UTF-16 or Windows-1254)."),
        _("Save the file as “CSV UTF-8”; where parts were pasted together, save each part that way first."),
    ),
    "nul_character": (
        _("Line %(line)s holds a NUL character: this is not plain text, or it was cut off."),
        _("Save the table again as “CSV UTF-8”."),
    ),
    "bad_quotes": (
        _("The quotation marks around line %(line)s do not close properly."),
        _("A quotation mark inside a quoted cell is written twice; a quoted cell ends before the separator."),
    ),
    "long_line": (
        _("A line or cell near line %(line)s is longer than %(limit)s characters."),
        _("Check that the line ends where it should and that nothing else was pasted into the cell."),
    ),
    "too_many_rows": (
        _("The file has more than %(limit)s rows."),
        _("Split the table into several files and import them one after the other."),
    ),
    "too_many_columns": (
        _("The table has more than %(limit)s columns."),
        _("Delete the columns to the right of the table."),
    ),
    "no_header": (
        _("No row among the first %(limit)s names the columns of this format."),
        _("Keep the heading rows of the template above the cases. The format expects a column “%(first)s”."),
    ),
    "merged_cells": (
        _("The sheet has merged cells (%(range)s)."),
        _("Unmerge them, so that every row and column stands for itself, and fill in the values."),
    ),
    "column_twice": (
        _("The column stands in the table twice (%(first)s and %(second)s)."),
        _("Delete one of the two, or give it another name."),
    ),
    "column_missing": (
        _("The column is missing."),
        _("Add it with exactly this heading; its cells may stay empty."),
    ),
    "column_unknown": (
        _("The format does not know this column."),
        _("Correct its heading, delete it, or name it under “ignore” in the mapping file."),
    ),
    "no_rows": (_("There are headings but no filled row."), _("Fill in at least one row.")),
    "is_running": (
        _("Another import from the same source is running."),
        _("Wait until it is finished; then start this one again."),
    ),
    "institution_closed": (
        _("The institution that this source belongs to is closed in Kalkan."),
        _("Ask the account administrator to open it again, or import under another source."),
    ),
    "file_gone": (
        _("The uploaded file is no longer kept."),
        _("Upload it again; what is already recorded is recognised and not recorded twice."),
    ),
    # a row
    "ragged_row": (
        _("The row has %(found)s cells, the heading has %(expected)s."),
        _("Check for a separator inside a cell (put the cell in quotation marks) or a missing one."),
    ),
    "key_missing": (_("The row has no key."), _("Every row needs the number or code that names its record.")),
    "key_twice": (
        _("Row %(first)s has the same key."),
        _("Keep one of the two rows, or correct the key."),
    ),
    "row_twice": (
        _("The row repeats row %(first)s, name and all."),
        _("Keep one of the two. If they are two persons, add what tells them apart."),
    ),
    "date_needed": (
        _("A closed case needs a day, month or year."),
        _("Fill in the date; the year alone is enough (for example 2021)."),
    ),
    "means_of_child": (
        _("The open case of a child names means of control, which are never asked of a child (Penal Code art. 80/3)."),
        _("Leave the cell empty."),
    ),
    "ends_before_it_begins": (
        _("The end lies before the beginning."),
        _("Check the two dates."),
    ),
    "needed": (_("This cell may not be empty."), _("Fill it in.")),
    "changed_here": (
        _("This record was changed in Kalkan after its import, so the file does not overwrite it."),
        _("Open case %(number)s and correct it there."),
    ),
    "erased": (
        _("The person of this record was erased from Kalkan."),
        _("Delete the row from the file, and from the collection if the same duty holds there."),
    ),
    "stage_differs": (
        _("The file and Kalkan disagree on whether the case is open."),
        _("An import never moves a case. Open case %(number)s and take the step there."),
    ),
    "not_accepted": (
        _("The row does not fit together: %(reason)s"),
        _("Correct the row and import the file again; rows that are recorded already stay as they are."),
    ),
    # a cell
    "unknown_value": (
        _("This is not an answer that the column knows."),
        _("Use one of: %(known)s."),
    ),
    "unknown_code": (
        _("This is not a code of the list “%(list)s”."),
        _("Look the code up under Code lists, or translate it in the mapping file."),
    ),
    "several_values": (
        _("The column takes one answer, several are given."),
        _("Leave the one that fits best."),
    ),
    "not_a_number": (_("This is not a whole number."), _("Write digits only.")),
    "outside_bands": (_("No band holds this number."), _("Check the number.")),
    "not_a_date": (
        _("This is not a date."),
        _("Write it as 2024-03-31, 31.03.2024, 03.2024 or 2024."),
    ),
    "no_such_day": (_("The calendar has no such day."), _("Check day and month.")),
    "order_unclear": (
        _("Day and month cannot be told apart."),
        _("Write the date as 2024-03-05 or 05.03.2024 (day first, with dots)."),
    ),
    "other_calendar": (
        _("The year looks like one of another calendar (Persian, Hijri or Buddhist)."),
        _("Convert it to the Gregorian calendar. We do not guess: a wrong year can turn a child into an adult."),
    ),
    "serial_number": (
        _("This looks like Excel's own number for a day, not like a date."),
        _("Format the column as a date in Excel and save the table again."),
    ),
    "year_in_date_cell": (
        _("A year was typed into a cell that is formatted as a date, so Excel took it for a day in 1905."),
        _("Format the cell as text and type the year again, or write the whole date."),
    ),
    "year_out_of_reach": (_("The year is not between 1900 and now."), _("Check the year.")),
    "in_the_future": (_("The date lies in the future."), _("Check the date.")),
    "excel_error": (_("The cell shows an Excel error."), _("Correct the formula or write the value itself.")),
    "formula_without_value": (
        _("The cell holds a formula whose result was not saved."),
        _("Open the file in Excel and save it, or write the value itself."),
    ),
    "too_long": (_("The cell is longer than %(limit)s characters."), _("Shorten it.")),
    "control_character": (
        _("The cell holds a character that cannot be shown or stored."),
        _("Type the value again; do not paste it."),
    ),
}

NOTICES: dict[str, Any] = {
    "windows_1254": _("The file is not in UTF-8; it was read as Windows-1254 (Turkish). Check a few letters."),
    "utf_16": _("The file was read as UTF-16."),
    "headings_disagree": _(
        "The hidden heading row and the visible one disagree on %(columns)s columns; the visible one was followed."
    ),
    "kept_as_note": _(
        "%(columns)s columns have no place of their own in Kalkan; what they say is kept sealed with the person."
    ),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong at one place. `row` counts as a spreadsheet does: the first row of the file is 1."""

    code: str
    row: int | None = None
    column: str = ""
    value: str = field(default="", repr=False)
    facts: Mapping[str, str | int] = field(default_factory=dict)

    @property
    def what(self) -> str:
        """What is wrong, in the language of whoever reads."""
        return str(SENTENCES[self.code][0]) % self.facts

    @property
    def mend(self) -> str:
        """How to mend it."""
        return str(SENTENCES[self.code][1]) % self.facts


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that was understood, but that the reader should know."""

    code: str
    facts: Mapping[str, str | int] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(NOTICES[self.code]) % self.facts


class FileRefused(Exception):
    """The file as a whole cannot be imported. Carries the problems; its text names no value."""

    def __init__(self, *problems: Problem):
        super().__init__(", ".join(problem.code for problem in problems))
        self.problems = problems


class CellRefused(Exception):
    """One cell cannot be understood."""

    def __init__(self, code: str, **facts: str | int):
        super().__init__(code)
        self.code, self.facts = code, facts


def refuse(code: str, *, row: int | None = None, column: str = "", value: str = "", **facts: str | int) -> FileRefused:
    """The exception to raise for a problem of the whole file."""
    return FileRefused(Problem(code, row, column, value[:200], facts))
