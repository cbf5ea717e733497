"""Replicates kept on disk while a long run is under way, so that an interrupted one goes on where it stopped."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from tally.prevalence.bootstrap import Replicates
from tally.prevalence.histories import Histories
from tally.prevalence.procedure import Procedure


class Checkpoint:
    """A folder with one file per table, procedure and seed. Replicates are numbered, so any number of them can be
    kept.

    Files are written beside their place and moved there; one that cannot be read is ignored and drawn anew.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.touched: set[Path] = set()

    def load(self, histories: Histories, procedure: Procedure, seed: int) -> Replicates:
        """The replicates kept for this run; none if there are none."""
        try:
            with np.load(self._path(histories, procedure, seed)) as kept:
                return Replicates(kept["estimates"], kept["models"], int(kept["empty_list"]), int(kept["cut_short"]))
        except (OSError, KeyError, ValueError, BadZipFile):
            return Replicates()

    def save(self, histories: Histories, procedure: Procedure, seed: int, replicates: Replicates) -> None:
        """Keep the replicates drawn so far."""
        self.folder.mkdir(parents=True, exist_ok=True)
        place = self._path(histories, procedure, seed)
        draft = place.with_suffix(f".{os.getpid()}.npz")
        np.savez(
            draft,
            estimates=replicates.estimates,
            models=replicates.models,
            empty_list=replicates.empty_list,
            cut_short=replicates.cut_short,
        )
        draft.replace(place)
        self.touched.add(place)

    def finish(self) -> None:
        """Remove what was kept by this run: it is done."""
        for place in self.touched:
            place.unlink(missing_ok=True)
        self.touched.clear()

    def _path(self, histories: Histories, procedure: Procedure, seed: int) -> Path:
        threshold = procedure.threshold if procedure.method == "stepwise" else None
        order = procedure.max_order if procedure.method == "bic" else None
        told = [histories.masks, histories.counts, len(histories.lists), procedure.method, threshold, order, seed]
        return self.folder / f"{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]}.npz"
