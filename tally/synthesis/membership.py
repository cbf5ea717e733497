"""Two attacks on released records, with their success over chance: who stands nearest, and who was in the file."""

from dataclasses import asdict, dataclass
from typing import Any

import numba
import numpy as np
import numpy.typing as npt

_MOST_ASKED = 2000


@dataclass(frozen=True)
class Attacks:
    """Success of both attacks.

    `copied` is the share of released records that equal a real record which is alone with its values; `held_out`
    the same against real records that the release never saw, which is what chance gives; `copied_over_chance` their
    difference. `membership_auc` is the probability that a record used for the release looks nearer to it than one
    that was not: 0.5 is a coin. `membership_advantage` is the greatest (true positive − false positive) rate over all
    thresholds; `advantage_by_chance` is what a coin reaches 95 % of the time with as many records.
    """

    asked: int
    copied: float
    held_out: float
    copied_over_chance: float
    membership_auc: float
    membership_advantage: float
    advantage_by_chance: float

    def as_json(self) -> dict[str, Any]:
        """Plain data."""
        return {key: round(value, 6) for key, value in asdict(self).items()}


@numba.njit(cache=True)
def _nearest(asked, released):
    """For each record asked about: the least number of differing values, and how many released records reach it."""
    least = np.empty(len(asked), np.int64)
    reached = np.empty(len(asked), np.int64)
    for i in range(len(asked)):
        best, many = asked.shape[1] + 1, 0
        for k in range(len(released)):
            differ = 0
            for j in range(asked.shape[1]):
                differ += asked[i, j] != released[k, j]
                if differ > best:
                    break
            if differ < best:
                best, many = differ, 1
            elif differ == best:
                many += 1
        least[i], reached[i] = best, many
    return least, reached


def nearness(asked: npt.NDArray[np.int32], released: npt.NDArray[np.int32]) -> npt.NDArray[np.float64]:
    """How near each record is to the release: fewer differing values first, then more records at that distance.

    Shapes (n, columns) and (m, columns), codes on one list of levels. Time n × m × columns.
    """
    least, reached = _nearest(asked, released)
    return -least.astype(float) + reached / (len(released) + 1.0)


def attacks(
    members: npt.NDArray[np.int32],
    strangers: npt.NDArray[np.int32],
    released: npt.NDArray[np.int32],
    *,
    rng: np.random.Generator,
) -> Attacks:
    """Both attacks, from records that were in the file, records of the same kind that were not, and the release.

    At most 2,000 of each are asked about, drawn at random.
    """
    many = min(len(members), len(strangers), _MOST_ASKED)
    inside = members[rng.choice(len(members), many, replace=False)]
    outside = strangers[rng.choice(len(strangers), many, replace=False)]
    near_in, near_out = nearness(inside, released), nearness(outside, released)
    auc = _auc(near_in, near_out)
    grid = np.unique(np.concatenate([near_in, near_out]))
    gaps = [(near_in >= g).mean() - (near_out >= g).mean() for g in grid]
    copied, held_out = _copies(members, released), _copies(strangers, released)
    size = len(strangers) / len(members)
    return Attacks(
        asked=2 * many,
        copied=copied,
        held_out=held_out / size,
        copied_over_chance=copied - held_out / size,
        membership_auc=auc,
        membership_advantage=float(max(gaps)),
        advantage_by_chance=float(1.36 * np.sqrt(2 / many)),
    )


def _auc(high: npt.NDArray[np.float64], low: npt.NDArray[np.float64]) -> float:
    """Probability that a value of `high` is over one of `low`, ties counting half (Mann-Whitney)."""
    ordered = np.sort(low)
    below = np.searchsorted(ordered, high, "left")
    up_to = np.searchsorted(ordered, high, "right")
    return float(((below + up_to) / 2).mean() / len(low))


def _copies(real: npt.NDArray[np.int32], released: npt.NDArray[np.int32]) -> float:
    """Share of released records equal to a real record that no other real record equals."""
    values, counts = np.unique(real, axis=0, return_counts=True)
    alone = {row.tobytes() for row in np.ascontiguousarray(values[counts == 1].astype(np.int32))}
    rows = np.ascontiguousarray(released.astype(np.int32))
    return sum(row.tobytes() in alone for row in rows) / max(len(rows), 1)
