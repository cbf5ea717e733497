"""The machine-readable zone: the specimens of ICAO Doc 9303, and what is wrong about zones that are not theirs."""

from datetime import date

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from kalkan.assistance.lifecycle import mrz
from kalkan.assistance.lifecycle.mrz import Finding, NotAZone, Zone

TODAY = date(2026, 11, 22)
# ICAO Doc 9303, parts 4 to 7: specimens of Utopia. The French card is the specimen of its issuer.
SPECIMENS = {
    "TD3": "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
    "TD1": "I<UTOD231458907<<<<<<<<<<<<<<<\n7408122F1204159UTO<<<<<<<<<<<6\nERIKSSON<<ANNA<MARIA<<<<<<<<<<",
    "TD2": "I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6",
    "MRV-A": "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8988901C4XXX4009078F96121096ZE184226B<<<<<<",
    "MRV-B": "V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nL8988901C4XXX4009078F9612109<<<<<<<<",
    "ID-FRA": "IDFRABERTHIER<<<<<<<<<<<<<<<<<<<<<<<\n8806923102858CORINNE<<<<<<<6512068F6",
}
LONG = {
    "TD1": "I<UTOD23145890<7349<<<<<<<<<<<\n3407127M9507122UTO<<<<<<<<<<<2\nSTEVENSON<<PETER<JOHN<<<<<<<<<",
    "TD2": "I<UTOSTEVENSON<<PETER<<<<<<<<<<<<<<<\nD23145890<UTO3407127M95071227349<<<8",
}


def _read(typed: str, today: date = TODAY) -> Zone:
    with translation.override("en"):
        return mrz.read(typed, countries={"TUR", "SYR", "FRA"}, today=today)


def _finding(zone: Zone, code: str) -> Finding:
    return next(field.finding for field in zone.fields if field.code == code)


@pytest.mark.parametrize("layout", SPECIMENS)
def test_every_specimen_reads_as_its_kind_with_every_digit_right(layout: str) -> None:
    zone = _read(SPECIMENS[layout])
    assert zone.layout == layout
    assert zone.doubtful == ()
    assert zone.value("names").startswith("BERTHIER" if layout == "ID-FRA" else "ERIKSSON, ANNA MARIA")


@pytest.mark.parametrize("layout", LONG)
def test_a_number_of_more_than_nine_signs_goes_on_in_the_optional_data(layout: str) -> None:
    zone = _read(LONG[layout])
    assert zone.value("number") == "D23145890734"
    assert zone.doubtful == ()


@pytest.mark.parametrize("layout", SPECIMENS)
def test_any_single_changed_digit_of_a_checked_field_is_found(layout: str) -> None:
    lines = SPECIMENS[layout].split("\n")
    row = 0 if layout == "TD1" else 1
    place = 6 if layout == "TD1" else 1
    changed = str((int(lines[row][place]) + 1) % 10) if lines[row][place].isdigit() else "9"
    lines[row] = lines[row][:place] + changed + lines[row][place + 1 :]
    zone = _read("\n".join(lines))
    assert _finding(zone, "number") is Finding.WRONG_DIGIT


def test_a_wrong_document_number_says_which_field_and_what_the_digit_should_be() -> None:
    zone = _read(SPECIMENS["TD3"].replace("L898902C36", "L8989O2C36"))
    wrong = {field.code: field for field in zone.doubtful}
    assert set(wrong) == {"number", "whole"}
    with translation.override("en"):
        assert str(wrong["number"].label) == "Document number"
        assert wrong["number"].sentence == (
            "The check digit is 6 and should be 0. "
            "It would be right with 0 for O in place 6: compare with the document."
        )


def test_a_letter_in_a_date_is_a_wrong_sign() -> None:
    zone = _read(SPECIMENS["TD3"].replace("7408122F", "74O8122F"))
    assert _finding(zone, "birth") in {Finding.WRONG_DIGIT, Finding.WRONG_SIGN}
    assert "birth" in {field.code for field in zone.doubtful}


@pytest.mark.parametrize(
    ("signs", "finding"),
    [
        ("740231", Finding.NO_SUCH_DAY),
        ("000229", Finding.RIGHT),
        ("010229", Finding.NO_SUCH_DAY),
        ("74<<<<", Finding.RIGHT),
    ],
)
def test_a_birth_is_a_day_that_there_was_or_partly_unknown(signs: str, finding: Finding) -> None:
    line = f"L898902C36UTO{signs}{mrz.digit_of(signs)}F1204159ZE184226B<<<<<1"
    whole = mrz.digit_of(line[0:10] + line[13:20] + line[21:43])
    zone = _read(f"P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n{line}{whole}")
    assert _finding(zone, "birth") is finding


def test_an_expired_document_is_named_and_no_doubt() -> None:
    zone = _read(SPECIMENS["TD3"])
    assert _finding(zone, "expiry") is Finding.EXPIRED
    assert _finding(_read(SPECIMENS["TD3"], date(2012, 4, 15)), "expiry") is Finding.RIGHT
    assert zone.doubtful == ()


def test_a_country_that_there_is_not_is_a_doubt() -> None:
    assert _finding(_read(SPECIMENS["TD3"].replace("P<UTO", "P<ZZZ")), "issuer") is Finding.UNKNOWN_ISSUER
    assert _finding(_read(SPECIMENS["TD3"].replace("P<UTO", "P<D<<")), "issuer") is Finding.NO_DIGIT


@pytest.mark.parametrize(
    "typed",
    [
        SPECIMENS["TD3"].lower(),
        SPECIMENS["TD3"].replace("\n", "\r\n") + "\r\n\r\n",
        SPECIMENS["TD3"].replace("\n", "\r"),
        SPECIMENS["TD3"].replace("\n", ""),
        " ".join(SPECIMENS["TD3"]).replace(" \n ", "\n"),
        SPECIMENS["TD3"].replace("<", "«"),
        SPECIMENS["TD3"].replace("I", "İ"),
    ],
)
def test_a_reader_a_paste_and_a_turkish_keyboard_give_the_same_zone(typed: str) -> None:
    assert _read(typed) == _read(SPECIMENS["TD3"])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Type the lines"),
        (SPECIMENS["TD3"][:-1], "Line 2 has 43 signs and should have 44"),
        (SPECIMENS["TD1"] + "\nX", "these are 4"),
        (SPECIMENS["TD3"].replace("ANNA", "AN?A"), "“?” in line 1, place 18"),
        ("Pasaportu yok", "these are 1"),
        ("A" * 500, "these are 1"),
    ],
)
def test_what_is_no_zone_is_refused_with_the_place_to_mend(typed: str, said: str) -> None:
    with pytest.raises(NotAZone) as refused:
        _read(typed)
    assert said in str(refused.value)


def test_what_is_kept_of_a_zone_holds_no_value_of_it() -> None:
    kept = str(_read(SPECIMENS["TD3"]).codes)
    assert not any(value in kept for value in ("ERIKSSON", "L898902C3", "740812", "ZE184226B"))


@given(st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<", min_size=88, max_size=88))
@settings(max_examples=200)
def test_any_signs_of_the_right_length_are_read_without_a_fault(signs: str) -> None:
    zone = _read(signs)
    assert {field.finding for field in zone.fields} <= set(Finding)
    for field in zone.fields:
        assert str(field.sentence)


@given(
    st.text(alphabet="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<", min_size=1, max_size=40),
    st.integers(0, 39),
    st.sampled_from("0123456789"),
)
@settings(max_examples=200)
def test_one_changed_digit_always_changes_the_check_digit(signs: str, place: int, other: str) -> None:
    """The weights 7, 3 and 1 have no factor in common with 10: no exchange of one digit goes unseen."""
    place %= len(signs)
    if signs[place].isdigit() and signs[place] != other:
        assert mrz.digit_of(signs) != mrz.digit_of(signs[:place] + other + signs[place + 1 :])
