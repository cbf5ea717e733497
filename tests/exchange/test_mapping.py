"""A mapping file is checked whole, and says what to mend."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kalkan.exchange import formats
from kalkan.exchange.mapping import MappingWrong, parse
from kalkan.exchange.targets import TARGETS
from kalkan.vocabulary import selectors as vocabulary

pytestmark = pytest.mark.django_db
GOOD = """
source = "Deneme"
key = "no"
[defaults]
"case.opened_on" = "2020"
[[column]]
name = "cinsiyet"
target = "person.sex"
[column.values]
"K" = "female"
"""


def sentences(text: str) -> list[str]:
    with pytest.raises(MappingWrong) as wrong:
        parse(text.encode())
    return wrong.value.sentences


def test_a_good_mapping_is_read() -> None:
    mapping = parse(GOOD.encode())
    assert (mapping.source, mapping.key, mapping.is_named) == ("Deneme", "no", False)
    assert mapping.columns[0].values == {"K": ("female",)}


@pytest.mark.parametrize("name", sorted(formats.shipped()))
def test_a_mapping_that_comes_along_is_good(name: str) -> None:
    mapping = formats.named(name)
    assert formats.title(mapping)
    assert mapping.title_tr != mapping.title_en


def test_ctdc_s_bands_stay_bands() -> None:
    ages = next(column for column in formats.named("ctdc").columns if column.target == "person.age_band")
    assert ages.values is not None
    for given_band, (code,) in ages.values.items():
        assert given_band.replace("--", "-") == code


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (("source = ", "sourse = "), "sourse"),
        (('"Deneme"', "7"), "source"),
        (('"Deneme"', '"kalkan"'), "kalkan"),
        (('"person.sex"', '"person.shoe_size"'), "person.sex"),
        (('"female"', '"kadın"'), "kadın"),
        (('"female"', '["female", "male"]'), "K"),
        (('name = "cinsiyet"\n', ""), "name"),
        (('"2020"', '"31.02.2020"'), "case.opened_on"),
        (('"case.opened_on" = "2020"', ""), "case.opened_on"),
        (('key = "no"', 'key = "no"\ndate_order = "ymd"'), "date_order"),
        (('key = "no"', 'key = "no"\ndelimiter = "::"'), "delimiter"),
        (('key = "no"', 'key = "no"\nkinds = ["ods"]'), "kinds"),
        (('key = "no"', 'key = "no"\n[institution]\ncode = "X"'), "name_tr"),
        (("[column.values]", 'split = ";"\n[column.values]'), "split"),
        (("[column.values]", "bands = { female = [1, 2] }\n[column.values]"), "bands"),
        (('[[column]]\nname = "cinsiyet"', '[[column]]\noptional = true\nname = "cinsiyet"'), ""),
    ],
)
def test_a_wrong_mapping_says_what_to_mend(change: tuple[str, str], word: str) -> None:
    found = sentences(GOOD.replace(*change))
    assert any(word in sentence for sentence in found), found


@pytest.mark.parametrize("text", ["", "][", "a = ", "column = 7", "column = [1]", "[[column]]", "x" * 300_000])
def test_what_is_no_mapping_is_refused(text: str) -> None:
    assert sentences(text)


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(MappingWrong):
        parse(b"\xff\xfe\xff")


@given(st.text(max_size=200))
def test_any_text_is_a_mapping_or_refused(text: str) -> None:
    with pytest.raises(MappingWrong):
        parse(text.encode("utf-8", "surrogatepass"))


_scalars = st.one_of(st.text(max_size=10), st.integers(), st.booleans(), st.lists(st.text(max_size=5), max_size=3))


@given(st.dictionaries(st.sampled_from(["name", "names", "target", "values", "bands", "split", "x"]), _scalars))
def test_any_column_is_understood_or_refused(column: dict[str, object]) -> None:
    lines = [f"{name} = {_toml(value)}" for name, value in column.items()]
    text = 'source = "x"\n[[column]]\n' + "\n".join(lines)
    tomllib.loads(text)
    with pytest.raises(MappingWrong):
        parse(text.encode())


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, int):
        return str(value % 2**60)
    return '"' + "".join(f"\\u{ord(letter):04x}" if ord(letter) < 0x10000 else "?" for letter in str(value)) + '"'


def test_every_target_that_takes_codes_has_its_list() -> None:
    own = {"state", "outcome"}
    for target in TARGETS.values():
        assert not target.code_list or target.code_list in own or vocabulary.codes(target.code_list)


def test_an_unknown_format_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(MappingWrong, match="ctdc"):
        formats.named("nothing")
    with pytest.raises(MappingWrong):
        formats.named(str(tmp_path / "absent.toml"))
