"""Strata: the total is the sum of the parts, thin strata lean, and the truth is found."""

import numpy as np
import pytest

from tally.prevalence import UnusableTableError, estimate_strata, published_table, read_histories
from tally.prevalence.simulation import Design
from tally.prevalence.strata import collapse, pool

LISTS = "ABCD"
FACTORS = (1.3, 0.7, 1.0)  # how well each province sees, as a factor on the share of people on each list
SIZES = {"Ankara": 3000, "İstanbul": 8000, "İzmir": 1500, "Van": 40, "": 300}


def provinces(seed: int, sizes: dict[str, int] | None = None) -> dict[str, list[object]]:
    generator = np.random.default_rng(seed)
    designs = {
        factor: Design(
            "provinces", 1, tuple(factor * p for p in (0.25, 0.2, 0.15, 0.1)), (((0, 1), 1.0),)
        ).probabilities()
        for factor in FACTORS
    }
    columns: dict[str, list[object]] = {name: [] for name in (*LISTS, "province", "count")}
    for place, (province, people) in enumerate((sizes or SIZES).items()):
        counts = generator.multinomial(people, designs[FACTORS[place % 3]])
        for mask in range(1, 16):
            for i, name in enumerate(LISTS):
                columns[name].append(mask >> i & 1)
            columns["province"].append(province)
            columns["count"].append(int(counts[mask]))
    return columns


def test_the_total_is_the_sum_of_the_strata_and_unknown_is_one_of_them() -> None:
    answer = estimate_strata(provinces(1), ["province"], method="stepwise", replicates=300)
    assert answer.total == pytest.approx(sum(s.estimate for s in answer.strata), rel=1e-12)
    assert {s.stratum[0] for s in answer.strata} == {"Ankara", "İstanbul", "İzmir", "Van", "unknown"}
    told = answer.to_dict()
    assert told["total"] == pytest.approx(sum(s["estimate"] for s in told["strata"]))
    assert sum(s["observed"] for s in told["strata"]) == read_histories(collapse(provinces(1), ["province"])).observed


def test_thin_strata_lean_more_than_thick_ones() -> None:
    answer = estimate_strata(provinces(1), ["province"], method="stepwise", replicates=200)
    weight = {s.stratum[0]: s.own_weight for s in answer.strata}
    assert weight["Van"] < 0.7
    assert weight["Van"] < weight["İzmir"] < weight["İstanbul"]


def test_a_stratum_without_an_estimate_of_its_own_takes_the_mean_of_the_others() -> None:
    columns = provinces(1, {"Ankara": 3000, "İzmir": 3000})
    for i in range(4):
        for name in LISTS:
            columns[name].append(int(name == LISTS[i]))
        columns["province"].append("Sinop")
        columns["count"].append(2)
    answer = estimate_strata(columns, ["province"], method="stepwise", replicates=200)
    alone = next(s for s in answer.strata if s.stratum == ("Sinop",))
    assert alone.own is None
    assert alone.own_weight == 0
    assert alone.observed < alone.estimate < 100


def test_the_truth_of_the_total_is_within_the_limits_as_often_as_it_should_be() -> None:
    """Twenty populations of five strata: with a true coverage of 95 %, fewer than 15 has a chance of one in 3,000."""
    covered = 0
    for seed in range(20):
        answer = estimate_strata(provinces(seed), ["province"], method="stepwise", replicates=500, seed=seed)
        assert answer.interval.low is not None
        assert answer.interval.high is not None
        covered += answer.interval.low <= sum(SIZES.values()) <= answer.interval.high
    assert covered >= 15


def test_one_row_a_person_gives_the_same_strata() -> None:
    counted = provinces(3, {"Ankara": 900, "İzmir": 900})
    people: dict[str, list[object]] = {name: [] for name in ("province", *LISTS)}
    for row, number in enumerate(counted["count"]):
        for name in people:
            people[name] += [counted[name][row]] * int(str(number))
    one, other = (
        estimate_strata(table, ["province"], method="stepwise", replicates=50).to_dict() for table in (counted, people)
    )
    assert one == other


def test_strata_can_be_crossed_and_lists_merged_and_renamed() -> None:
    columns = provinces(2)
    columns = {"sex": ["f" if i % 2 else "m" for i in range(len(columns["count"]))], **columns}
    answer = estimate_strata(
        columns,
        ["sex", "province"],
        method="independence",
        replicates=100,
        merge={"CD": ["C", "D"]},
        rename={"A": "police"},
    )
    assert ("f", "Ankara") in {s.stratum for s in answer.strata}
    counts = np.array(columns["count"])
    assert sum(s.observed for s in answer.strata) == counts.sum()


def test_the_seed_and_not_the_threads_decide() -> None:
    one, two = (
        estimate_strata(provinces(1), ["province"], method="stepwise", replicates=150, threads=t).to_dict()
        for t in (1, 3)
    )
    assert one == two


def test_pooling_equal_strata_gives_them_all_the_mean() -> None:
    mean, between, weights = pool(np.array([1.0, 1.1, 0.9, np.inf]), np.array([0.5, 0.5, 0.5, 0.5]))
    assert mean == pytest.approx(1.0)
    assert between == 0.0
    assert weights.tolist() == [0, 0, 0, 0]


def test_the_variance_between_solves_the_paule_mandel_equation() -> None:
    values, errors = np.array([0.0, 1.0, 3.0, 2.0]), np.array([0.1, 0.2, 0.3, 0.1])
    mean, between, _ = pool(values, errors)
    assert ((values - mean) ** 2 / (errors + between)).sum() == pytest.approx(3.0, rel=1e-9)


@pytest.mark.parametrize(
    ("columns", "by", "said"),
    [
        (provinces(1), ["district"], "no column 'district'"),
        (provinces(1), [], "Name a column"),
        ({**provinces(1), "province": ["x"] * 75}, ["province"], "stands twice"),
        ({"p": ["x"], "A": [1], "B": [1], "C": [0], "n": [4]}, ["p"], "something else than 0 and 1"),
        ({"p": ["x"], "A": [1], "B": [1], "C": [0], "count": [4.5]}, ["p"], "whole numbers"),
    ],
)
def test_strata_that_cannot_be_are_refused(columns: dict[str, list[object]], by: list[str], said: str) -> None:
    with pytest.raises(UnusableTableError, match=said):
        estimate_strata(columns, by)


def test_one_stratum_is_the_table_itself() -> None:
    table = published_table("UKdat_5")
    member = table.membership().T.tolist()
    columns = {**dict(zip(table.lists, member, strict=True)), "year": ["2013"] * 18, "count": list(table.counts)}
    answer = estimate_strata(columns, ["year"], method="stepwise", replicates=100)
    assert answer.unstratified is not None
    assert round(answer.unstratified, 2) == 11312.99
    assert answer.total == pytest.approx(answer.unstratified)
