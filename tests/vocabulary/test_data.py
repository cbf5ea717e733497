"""The files under `data/` themselves."""

import csv
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from kalkan.cases.lifecycle import Outcome
from kalkan.vocabulary import selectors
from kalkan.vocabulary.files import sources
from kalkan.vocabulary.models import CodeList, Dimension, Profile, Verification

pytestmark = pytest.mark.django_db
LISTS = sorted(path.stem for path in (Path(settings.DATA) / "code_lists").glob("*.csv"))

# The lists that other rooms name in their columns.
NAMED = [
    "sex",
    "gender",
    "age_band",
    "country",
    "language",
    "statelessness",
    "name_kind",
    "document_kind",
    "document_status",
    "contact_kind",
    "safe_contact",
    "consent_purpose",
    "consent_form",
    "data_category",
    "reveal_purpose",
    "signal",
    "closing_reason",
    "charged_article",
    "screening_place",
    "immediate_danger",
    "interpreter",
    "guardian",
    "ground",
    "exploitation_form",
    "exploitation_sub_form",
    "sector",
    "means_of_control",
    "recruitment",
    "relation",
    "perpetrator_role",
    "case_link",
    "vulnerability",
    "institution_kind_htcds",
    "region",
]


def test_every_file_is_in_the_catalogue_and_every_entry_has_its_file() -> None:
    assert sorted(source.code for source in sources(settings.DATA) if source.holds == "codes") == LISTS


def test_every_list_that_a_column_names_is_there() -> None:
    assert set(NAMED) <= set(LISTS)


@pytest.mark.parametrize("list_code", LISTS)
def test_labels_of_a_list_are_told_apart(list_code: str) -> None:
    rows = selectors.codes(list_code, retired=True)

    for labels in ([row.label_tr for row in rows], [row.label_en for row in rows]):
        assert [label for label, count in Counter(labels).items() if count > 1] == []
    assert rows


@pytest.mark.parametrize("list_code", LISTS)
def test_no_alias_means_two_codes(list_code: str) -> None:
    rows = selectors.codes(list_code, retired=True)
    owners: dict[str, set[str]] = {}
    for row in rows:
        for spelling in {selectors._plain(text) for text in (row.code, *row.aliases)}:
            owners.setdefault(spelling, set()).add(row.code)

    assert {spelling: codes for spelling, codes in owners.items() if len(codes) > 1} == {}


def test_every_parent_stands_in_the_list_of_parents() -> None:
    for code_list in CodeList.objects.exclude(parent_list=""):
        for code in selectors.codes(code_list.code, retired=True):
            assert not code.parent or selectors.is_known(code_list.parent_list, code.parent), code.code
    for code_list in CodeList.objects.filter(parent_list=""):
        assert [code.code for code in selectors.codes(code_list.code) if code.parent] == []


def test_grounds_speak_for_every_outcome() -> None:
    assert {code.parent for code in selectors.codes("ground")} == set(Outcome.values)


def test_every_htcds_picklist_is_there_word_for_word() -> None:
    """The English labels are the standard's own."""
    assert len([code for code in LISTS if code.startswith("htcds_")]) == 22
    methods = {code.code: code.label_en for code in selectors.codes("htcds_vic_MethodsOfControl")}
    assert methods["ThreatsLawEnforcement"] == "Threats of law enforcement"
    assert len(methods) == 16


def test_the_81_provinces_lie_as_on_a_map() -> None:
    at = {row.name: row for row in selectors.provinces()}
    assert [row.code for row in selectors.provinces()] == [f"TR-{number:02d}" for number in range(1, 82)]
    west_to_east = ["İzmir", "Uşak", "Ankara", "Sivas", "Erzurum", "Iğdır"]
    north_to_south = ["Sinop", "Çorum", "Yozgat", "Nevşehir", "Adana", "Hatay"]
    for one, other in pairwise(west_to_east):
        assert at[one].tile_column < at[other].tile_column
    for one, other in pairwise(north_to_south):
        assert at[one].tile_row < at[other].tile_row


def test_every_tile_touches_another() -> None:
    places = {(row.tile_row, row.tile_column) for row in selectors.provinces()}
    assert len(places) == 81
    for row, column in places:
        assert {(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)} & places


def test_regions_have_as_many_provinces_as_the_statistical_office_says() -> None:
    expected = {"TR1": 1, "TR2": 5, "TR3": 8, "TR4": 8, "TR5": 3, "TR6": 8, "TR7": 8, "TR8": 10, "TR9": 6}
    expected |= {"TRA": 7, "TRB": 8, "TRC": 9}
    assert Counter(row.region for row in selectors.provinces()) == expected


def test_there_are_67_indicators_over_six_dimensions() -> None:
    assert Counter(row.dimension for row in selectors.indicators()) == dict(
        zip(Dimension.values, (10, 10, 16, 9, 15, 7), strict=True)
    )


@pytest.mark.parametrize(("profile", "counted"), list(zip(Profile.values, (67, 67, 65, 67), strict=True)))
def test_each_profile_has_its_weights(profile: str, counted: int) -> None:
    assert len(selectors.indicator_weights(profile)) == counted


def test_a_derived_weight_says_so_and_is_never_below_those_it_comes_from() -> None:
    order = ["weak", "medium", "strong"]
    adult, child = (selectors.indicator_weights(profile) for profile in ("adult_sexual", "child_labour"))
    derived = {
        code: row
        for code, row in selectors.indicator_weights("child_sexual").items()
        if row.verification == Verification.DERIVED
    }
    assert len(derived) == 65
    for code, row in derived.items():
        assert row.note_tr
        assert row.note_en
        assert not row.is_sure
        known = [weights[code].weight for weights in (adult, child) if code in weights]
        assert row.weight == max(known, key=order.index)


def test_a_provision_that_is_not_verified_says_what_it_is() -> None:
    for row in selectors.provisions():
        assert row.citation_tr
        assert row.text_tr
        if row.kind == "deadline" and not row.is_verified:
            assert row.note


@pytest.mark.parametrize(
    "code",
    ["identification_deadline", "decision_deadline", "preliminary_referral", "recognition_ground", "refusal_ground"],
)
def test_ten_years_of_cases_find_their_provisions(code: str) -> None:
    for year in range(2006, timezone.localdate().year + 1):
        assert selectors.provision(code, on=timezone.datetime(year, 1, 1).date())


def test_institutions_cover_every_province() -> None:
    with (Path(settings.DATA) / "institutions.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for kind in ("migration_province", "police", "gendarmerie"):
        assert len({row["province"] for row in rows if row["kind"] == kind} - {""}) == 81
    assert len({row["province"] for row in rows if row["kind"] == "coast_guard" and row["province"]}) == 28
    assert all(row["is_invented"] == "yes" for row in rows if row["kind"] in {"ngo", "shelter"})
