"""Tables for tests, good and hostile. Invented people only."""

import io
import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from kalkan.config.database import ROOT
from kalkan.exchange.reading import Source

SHARED = Path(os.environ.get("KALKAN_SHARED_DATA", ROOT.parent / "shared" / "data"))
CTDC = SHARED / "ctdc" / "ctdc_k_anonymised_2020.csv"
HTCDS = SHARED / "htcds"
HEADINGS = (
    ",yearOfRegistration,Datasource,gender,ageBroad,citizenship,isForcedLabour,control_category,"
    "RecruiterCategory,ExploitType,Labor_Type"
)
GOOD = "{key},2002.0,Case Management,Female,18--20,CO,0.0,Other,,Sexual,"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def source(content: bytes) -> Source:
    return Source(lambda: io.BytesIO(content), len(content))


def ctdc(*rows: str) -> bytes:
    """A table with CTDC's headings."""
    return "\n".join((HEADINGS, *rows, "")).encode()


def many(count: int) -> bytes:
    return ctdc(*(GOOD.format(key=number) for number in range(count)))


def workbook(
    rows: Sequence[Sequence[Any]],
    *,
    sheet: str = "Sheet1",
    before: Mapping[str, Sequence[Sequence[Any]]] | None = None,
) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, content in {**(before or {}), sheet: rows}.items():
        page = book.create_sheet(name)
        for row in content:
            page.append(list(row))
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


MACHINE = (
    *(None, "prs_FirstName", "prs_SecondName", "prs_Birthdate", "prs_Gender", "prs_Citizenship", "prs_MobilePhone"),
    *("vic_TraffickingStatus", "vic_MethodsOfControl", "vic_TypeOfExploitation", "vic_ForcedLabourIndustry"),
    *("cas_Status", "cas_IncomingReferralDate", "cas_IncomingReferralDetails"),
)
VISIBLE = (
    *(None, "First Name", "Second Name", "Birthdate", "Gender", "Citizenship", "Mobile Phone"),
    *("Trafficking Status", "Methods of Control", "Type of Exploitation", "Forced Labour Industry"),
    *("Status", "Incoming Referral Date", "Incoming Referral Details"),
)
NAMED = (
    *(1, "Gülnara", "Örnekova", "1999-04-02", "Feminine", "Uzbekistan", "+998901234567"),
    *("Possible victim of trafficking", "Debt bondage; WithholdsDocuments", "Forced labour", "Construction"),
    *("Active", "2024-03-05", "Geldiği yer: bir inşaat"),
)


def htcds(*rows: Sequence[Any], headings: Sequence[Sequence[Any]] = (MACHINE, VISIBLE)) -> bytes:
    """A workbook filled like IOM's template: a hidden heading row, a visible one, numbered rows."""
    return workbook([*headings, *rows], sheet="Case Sheet")


def rezipped(content: bytes, replace: Mapping[str, bytes | None]) -> bytes:
    """The workbook with some of its parts replaced, or left out."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as new:
        names = [name for name in old.namelist() if name not in replace]
        for name in names:
            new.writestr(name, old.read(name))
        for name, part in replace.items():
            if part is not None:
                new.writestr(name, part)
    return held.getvalue()


def part(content: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.read(name)
