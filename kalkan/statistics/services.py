"""Loading the official series, freezing years, and proving that frozen years are as they were."""

import csv
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kalkan.access.models import User
from kalkan.access.roles import Permission
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.statistics import policy
from kalkan.statistics.breakdowns import FROZEN_DIMENSIONS
from kalkan.statistics.indicators import BY_CODE, INDICATORS, Indicator
from kalkan.statistics.models import OfficialFigure, Revision, Snapshot
from kalkan.statistics.selectors import Filters, cube, frozen_cube
from kalkan.statistics.tables import Cube


class NotPossible(Exception):
    """A year cannot be frozen as asked; the message says how to mend it."""


@dataclass(frozen=True)
class Loaded:
    """What a load of the official series changed."""

    created: int
    changed: int
    removed: int
    unchanged: int


@dataclass(frozen=True)
class Freeze:
    """What freezing did with one indicator of the year: revision 0 is the first freeze."""

    indicator: str
    total: int
    revision: int
    is_new: bool


@dataclass(frozen=True)
class Finding:
    """What checking one frozen year found: whether its rows are as written, and what counts differently today."""

    snapshot: Snapshot
    is_intact: bool
    frozen_total: int
    live_total: int
    changed_cells: int
    is_other_version: bool

    @property
    def is_same(self) -> bool:
        """True if today's records, by today's definition, still give what was frozen."""
        return not self.changed_cells and not self.is_other_version


@transaction.atomic
def load_official_series(path: Path | None = None) -> Loaded:
    """Bring the official series in line with the published file. Loading the same file again changes nothing."""
    path = path or settings.DATA / "official" / "identified.csv"
    known = {(figure.year, figure.measure, figure.source): figure for figure in OfficialFigure.objects.all()}
    with path.open(encoding="utf-8", newline="") as file:
        wanted = {(row["year"], row["measure"], row["source"]): row for row in csv.DictReader(file)}
    keys = {(int(year), measure, source) for year, measure, source in wanted}
    removed = [figure.pk for key, figure in known.items() if key not in keys]
    OfficialFigure.objects.filter(pk__in=removed).delete()
    created = changed = 0
    for (year, measure, source), row in wanted.items():
        values = {
            "value": int(row["value"]),
            "source_tr": row["source_tr"],
            "is_main": row["is_main"] == "yes",
            "note_tr": row["note_tr"],
            "note_en": row["note_en"],
        }
        figure = known.get((int(year), measure, source))
        if figure is None:
            OfficialFigure.objects.create(year=int(year), measure=measure, source=source, **values)
            created += 1
        elif any(getattr(figure, name) != value for name, value in values.items()):
            OfficialFigure.objects.filter(pk=figure.pk).update(**values)
            changed += 1
    return Loaded(created, changed, len(removed), len(wanted) - created - changed)


@transaction.atomic
def freeze_year(year: int, *, by: User | None, reason: str = "") -> list[Freeze]:
    """Freeze every yearly indicator of a year that is over; where it is frozen, record what changed as a revision.

    Freezing an unchanged year again does nothing. A changed year needs a `reason` (see Revision.Reason). `by` is
    None for the system itself.

    Raises NotPossible for a year not yet over and for a change without a reason; nothing is then written.
    """
    if by is not None:
        policy.require(by, Permission.SNAPSHOTS_FREEZE)
    if year >= timezone.localdate().year:
        raise NotPossible(_("The year %(year)s is not over: freeze it from January on.") % {"year": year})
    if reason and reason not in Revision.Reason.values:
        raise NotPossible(_("The reason is one of: %(reasons)s.") % {"reasons": ", ".join(Revision.Reason.values)})

    before = {
        snapshot.indicator: snapshot
        for snapshot in Snapshot.objects.filter(year=year).prefetch_related("revisions").order_by("pk")
    }
    frozen = []
    for indicator in INDICATORS:
        if indicator.is_state:
            continue
        live = _live(indicator, year)
        if indicator.code in before:
            done = _revise(before[indicator.code], indicator, live, by=by, reason=reason)
        else:
            done = _freeze(indicator, year, live, by=by)
        frozen.append(done)
        if done.is_new:
            facts = {"year": year, "indicator": indicator.code, "revision": done.revision, "total": done.total}
            record(Event.SNAPSHOT_FROZEN, by=by, facts={**facts, **({"reason": reason} if done.revision else {})})
    return frozen


def verify_snapshots() -> Iterator[Finding]:
    """Check every frozen year: its digests, and what today's records would give."""
    for snapshot in Snapshot.objects.prefetch_related("revisions").order_by("year", "indicator"):
        indicator = BY_CODE.get(snapshot.indicator)
        kept = frozen_cube(snapshot)
        live = kept if indicator is None else _live(indicator, snapshot.year)
        latest = snapshot.revisions.last() if snapshot.revisions.all() else None
        yield Finding(
            snapshot,
            is_intact=_is_intact(snapshot),
            frozen_total=kept.total,
            live_total=live.total,
            changed_cells=len(kept.changes_to(live)) if kept.dimensions == live.dimensions else len(live.cells),
            is_other_version=indicator is None or indicator.version != (latest or snapshot).version,
        )


def _live(indicator: Indicator, year: int) -> Cube:
    return cube(indicator, FROZEN_DIMENSIONS, Filters.of_year(year))


def _freeze(indicator: Indicator, year: int, live: Cube, *, by: User | None) -> Freeze:
    snapshot = Snapshot(
        year=year,
        indicator=indicator.code,
        version=indicator.version,
        dimensions=list(live.dimensions),
        cells=[[*codes, units] for codes, units in sorted(live.cells.items())],
        total=live.total,
        frozen_by=by,
    )
    snapshot.digest = _digest_of_snapshot(snapshot)
    snapshot.save(force_insert=True)
    return Freeze(indicator.code, live.total, revision=0, is_new=True)


def _revise(snapshot: Snapshot, indicator: Indicator, live: Cube, *, by: User | None, reason: str) -> Freeze:
    earlier = list(snapshot.revisions.all())
    kept = frozen_cube(snapshot)
    version = earlier[-1].version if earlier else snapshot.version
    changes = kept.changes_to(live)
    if not changes and version == indicator.version:
        return Freeze(indicator.code, kept.total, revision=len(earlier), is_new=False)
    if not reason:
        raise NotPossible(
            _(
                "%(name)s of %(year)s is frozen with %(old)s and counts %(new)s today (%(cells)s cells differ): "
                "give the reason, and the change is recorded as a revision beside the frozen figure."
            )
            % {
                "name": indicator.name,
                "year": snapshot.year,
                "old": kept.total,
                "new": live.total,
                "cells": len(changes),
            }
        )
    revision = Revision(
        snapshot=snapshot,
        number=len(earlier) + 1,
        reason=reason,
        version=indicator.version,
        changes=[[*codes, old, new] for codes, old, new in changes],
        old_total=kept.total,
        new_total=live.total,
        frozen_by=by,
    )
    revision.digest = _digest_of_revision(revision, earlier[-1].digest if earlier else snapshot.digest)
    revision.save(force_insert=True)
    return Freeze(indicator.code, live.total, revision=revision.number, is_new=True)


def _is_intact(snapshot: Snapshot) -> bool:
    """True if the frozen row and each of its revisions are as they were written, none missing in between."""
    if snapshot.digest != _digest_of_snapshot(snapshot) or snapshot.total != snapshot.cube.total:
        return False
    before = snapshot.digest
    for place, revision in enumerate(snapshot.revisions.all(), start=1):
        if revision.number != place or revision.digest != _digest_of_revision(revision, before):
            return False
        before = revision.digest
    return True


def _digest_of_snapshot(snapshot: Snapshot) -> str:
    values = (snapshot.year, snapshot.indicator, snapshot.dimensions, snapshot.cells, snapshot.total)
    return _digest(*_who(snapshot), *values)


def _digest_of_revision(revision: Revision, before: str) -> str:
    values = (before, revision.number, revision.reason, revision.changes, revision.old_total, revision.new_total)
    return _digest(*_who(revision), *values)


def _who(row: Snapshot | Revision) -> tuple[Any, ...]:
    return row.version, row.frozen_at.isoformat(), row.frozen_by_id


def _digest(*values: Any) -> str:
    return hashlib.sha256(json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
