"""Names across scripts."""

from hypothesis import assume, given
from hypothesis import strategies as st

from kalkan.persons import naming
from tests.persons.name_pairs import ALIKE, APART

NAMES = st.text(
    st.characters(categories=["L", "M", "Zs", "Pd", "Po"], include_characters="İIıiŞşĞğÇçÖöÜü'’ʻ-"), max_size=40
)


def similarity(some: str, other: str) -> float:
    return naming.similarity(naming.words(some, is_whole=True), naming.words(other, is_whole=True))


@given(NAMES)
def test_latin_letters_stay_as_they_are(text: str) -> None:
    assert naming.latin(naming.latin(text)) == naming.latin(text)


@given(NAMES)
def test_latin_holds_only_small_letters_and_single_spaces(text: str) -> None:
    assert all(word.isascii() and word.isalpha() and word.islower() for word in naming.latin(text).split(" ") if word)


@given(NAMES)
def test_a_name_is_like_itself(text: str) -> None:
    assume(naming.words(text))
    assert similarity(text, text) == 1.0


@given(st.lists(st.sampled_from(["Gülnare", "Мамедова", "ILGIN", "نور", "O‘g‘iloy", "王"]), min_size=1, max_size=4))
def test_the_order_of_words_does_not_matter(words: list[str]) -> None:
    assert similarity(" ".join(words), " ".join(reversed(words))) == 1.0


@given(NAMES, NAMES)
def test_likeness_goes_both_ways_and_stays_between_0_and_1(some: str, other: str) -> None:
    assert 0.0 <= similarity(some, other) == similarity(other, some) <= 1.0


@given(st.sampled_from(["ISIK", "İPEK", "Çağrı Şükrü", "Iğdırlı"]), st.booleans())
def test_turkish_letters_are_one_whatever_the_keyboard(name: str, is_lower: bool) -> None:
    turkish = name.replace("I", "ı").replace("İ", "i").lower() if is_lower else name.replace("i", "İ").upper()
    assert naming.latin(turkish) == naming.latin(name)


def test_hard_pairs_are_told_apart_from_near_ones() -> None:
    """In-sample: the comparison was tuned on this list. Jaro-Winkler on plain Latin letters scores .49 here."""
    alike, apart = [similarity(*pair) for pair in ALIKE], [similarity(*pair) for pair in APART]
    auc = sum((a > b) + (a == b) / 2 for a in alike for b in apart) / (len(alike) * len(apart))
    assert auc > 0.96


def test_the_data_file_of_families_earns_its_keep() -> None:
    without = [pair for pair in ALIKE if _shares_no_skeleton(pair)]
    assert len(without) >= 4
    assert sum(similarity(*pair) > 0.8 for pair in without) >= len(without) - 3


def _shares_no_skeleton(pair: tuple[str, str]) -> bool:
    some, others = (naming.words(name, is_whole=True) for name in pair)
    return any(not any(word.skeletons & other.skeletons for other in others) for word in some)


def test_no_name_belongs_to_two_families() -> None:
    lines = [
        line.split()
        for line in naming.VARIANTS.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    members = [naming.latin(name) for line in lines for name in {naming.latin(one): one for one in line}.values()]
    assert sorted(members) == sorted(set(members))
