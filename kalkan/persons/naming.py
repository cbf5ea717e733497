"""Names across scripts and spellings. Pure functions: text in, comparable forms out.

A word of a name is compared in four ways, each of them also a blind key: as written in plain Latin letters, as its
consonant skeleton (vowels, doubled letters and the letters that scripts disagree on fall away), as a member of a
family of cognates and short forms (`variants.txt`), and, for slips of the pen, with one letter left out.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from pathlib import Path

from anyascii import anyascii
from rapidfuzz.distance import OSA

MOST_WORDS = 10
VARIANTS = Path(__file__).parent / "variants.txt"
_APOSTROPHES = re.compile("['`’‘ʼʻʹʿʾ´ˈ\u200c\u200d]")
_MARKS = re.compile("[\u0300-\u036f\u064b-\u0652\u0670\u0640\u0591-\u05c7]")
_BREAKS = re.compile(r"[^\w]+|_+")
_ABJAD = re.compile("[\u0590-\u05ff\u0600-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufeff]")
_SYLLABIC = re.compile("[\u3400-\u9fff\uac00-\ud7af]")
# Words that come and go between one paper and the next.
_PARTICLES = frozenset(
    "al el ul bin bint ibn ben oglu kizi qizi ogli ugli de da do di la van der von dos del".split()  # noqa: SIM905
)
_SERVANT = frozenset({"abd", "abdul", "abdel", "abdal", "abdur", "bd"})
_FAITH = {"din": "din", "eddin": "din", "uddin": "din", "aldin": "din", "ldyn": "dyn", "dyn": "dyn", "deen": "din"}
_CONSONANTS = {"b": "P", "p": "P", "d": "T", "t": "T", "g": "K", "k": "K", "q": "K", "f": "F", "v": "V", "w": "V"} | {
    "s": "S",
    "z": "S",
    "l": "L",
    "m": "M",
    "n": "N",
    "r": "R",
    "h": "",
}
_SKELETON = str.maketrans({**_CONSONANTS, **dict.fromkeys("aeiouy", "")})
_SOUND = str.maketrans({**_CONSONANTS, "a": "a", "e": "a", "i": "i", "y": "i", "o": "u", "u": "u"})
_GROUPS = (
    *(("shch", "S"), ("sch", "S"), ("sh", "S"), ("dzh", "J"), ("zh", "J"), ("dj", "J"), ("tch", "J")),
    *(("ck", "K"), ("ph", "F"), ("th", "T"), ("dh", "T"), ("gh", "g")),
)
# What one letter may stand for; the first reading is the commonest. Capitals are classes already.
_READINGS = {
    "c": ("J", "K"),  # Turkish Cemile, Spanish Carlos
    "ch": ("J", "S"),  # English Charles, French Aïcha
    "j": ("J", "y"),  # English Jamila, German Josef
    "x": ("KS", "S", "h"),  # Alexandra, Xiuying, Uzbek Xurshida
    "kh": ("h", "K"),  # Khadija is Hatice; Kharkiv is not
}
_CYRILLIC_READINGS = {"g": ("g", "h")}  # Гасан is Hasan, Гульнара is Gülnare
_ABJAD_READINGS = {"w": ("", "V")}  # a long u in محمود, a v in نوین
_EMPHATIC_READINGS = {"d": ("T", "S")}  # رضا is Rida in Arabic, Rıza in Persian and Turkish
MOST_READINGS = 8


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a name in its comparable forms."""

    text: str
    sounds: tuple[tuple[str, str], ...]  # for each way to read it: skeleton, and the same with vowels by class
    family: str
    is_without_vowels: bool = False

    @property
    def skeletons(self) -> frozenset[str]:
        return frozenset(skeleton for skeleton, _sound in self.sounds)


def latin(text: str) -> str:
    """`text` in small plain Latin letters and spaces.

    >>> latin("İBRAHİM Işık"), latin("Oʻgʻiloy"), latin("Ольга"), latin("Łukasz-Øyvind")
    ('ibrahim isik', 'ogiloy', 'olga', 'lukasz oyvind')
    """
    return " ".join(filter(None, (_letters(piece) for piece in _pieces(text))))


def words(text: str, *, is_whole: bool = False) -> tuple[Word, ...]:
    """The words of a name, without particles. `is_whole`: family and given name may be written together (王秀英)."""
    return _words(text, is_whole)


@lru_cache(maxsize=4096)
def _words(text: str, is_whole: bool) -> tuple[Word, ...]:
    pieces: list[str] = []
    for piece in _pieces(text):
        if is_whole and len(piece) > 1 and _SYLLABIC.match(piece):
            pieces += [piece[0], piece[1:]]
        else:
            pieces.append(piece)
    joined = _joined([(piece, _letters(piece)) for piece in map(_without_article, pieces)])
    kept = [pair for pair in joined if pair[1] not in _PARTICLES] or joined
    return tuple(dict.fromkeys(_word(piece, text) for piece, text in kept if text))[:MOST_WORDS]


def _pieces(text: str) -> list[str]:
    plain = _MARKS.sub("", unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text)))
    return _BREAKS.sub(" ", _APOSTROPHES.sub("", plain)).split()


def _letters(piece: str) -> str:
    return re.sub("[^a-z]", "", anyascii(piece).lower())


def _without_article(piece: str) -> str:
    return piece[2:] if piece.startswith("ال") and len(piece) >= 5 else piece


def _joined(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Abd al-Rahman and Nur ad-Din are one name each, however they are spaced."""
    found: list[tuple[str, str]] = []
    is_servant = False
    for piece, text in pairs:
        if is_servant and text in _PARTICLES:
            continue
        if is_servant or (text in _FAITH and found):
            before = found.pop()
            found.append((before[0] + piece, before[1] + _FAITH.get(text, text)))
            is_servant = False
        else:
            found.append((piece, text))
            is_servant = text in _SERVANT and len(pairs) > 1
    return found


def _word(piece: str, text: str) -> Word:
    is_abjad = bool(_ABJAD.search(piece))
    read = dict(_read(text, piece, is_abjad=is_abjad))
    if text.startswith(("al", "el")) and len(text) > 5 and not is_abjad:
        read |= dict(_read(text[2:], piece, is_abjad=False))  # Alhasan is al-Hasan, and Alexander does no harm
    long = {skeleton: sound for skeleton, sound in read.items() if len(skeleton) > 1}
    return Word(text, tuple(sorted((long or read).items())), _families().get(text, ""), is_abjad)


def _read(text: str, piece: str, *, is_abjad: bool) -> Iterator[tuple[str, str]]:
    """Each way in which the ambiguous letters of a word may be read, as skeleton and sound."""
    readings = dict(_READINGS)
    if is_abjad:
        readings |= _ABJAD_READINGS
    if "ض" in piece or "ذ" in piece:
        readings |= _EMPHATIC_READINGS
    if "CYRILLIC" in unicodedata.name(piece[0], ""):
        readings |= _CYRILLIC_READINGS
    plain = re.sub(r"(.)\1", r"\1", text)
    for group, class_ in _GROUPS:
        if not (is_abjad and group == "zh" and "ژ" not in piece):
            plain = plain.replace(group, class_)
    head, *tail = re.findall("kh|ch|.", plain)
    parts = [(head,) if head == "w" else readings.get(head, (head,)), *(readings.get(one, (one,)) for one in tail)]
    begins_open = is_abjad and piece[0] in "اأإآعئ"
    for reading in islice(product(*parts), MOST_READINGS):
        said = re.sub("^y(?=e)", "", "".join(reading))  # Yelena and Elena
        is_open = begins_open or said[:1] in set("aeiou")
        yield ("A" if is_open else "") + said.translate(_SKELETON), said.translate(_SOUND)


def slips(word: Word) -> frozenset[str]:
    """The word itself and with each one letter left out: two words one slip apart share one of these."""
    text = word.text[:16]
    if len(text) < 4:
        return frozenset({text})
    return frozenset({text, *(text[:index] + text[index + 1 :] for index in range(len(text)))})


@lru_cache(maxsize=1)
def _families() -> dict[str, str]:
    lines = VARIANTS.read_text(encoding="utf-8").splitlines()
    members = [latin(line).split() for line in lines if line and not line.startswith("#")]
    return {member: names[0] for names in members for member in names}


def similarity(some: tuple[Word, ...], others: tuple[Word, ...]) -> float:
    """How alike two names are, 0 to 1, in any order of words; words that only one of them has cost little."""
    if not some or not others:
        return 0.0
    if sorted(word.text for word in some) == sorted(word.text for word in others):
        return 1.0
    if "".join(word.text for word in some) == "".join(word.text for word in others):
        return 0.98
    pairs = sorted(
        ((word_similarity(one, other), one, other) for one in some for other in others),
        key=lambda pair: (-pair[0], *sorted((pair[1].text, pair[2].text))),
    )
    met: set[Word] = set()
    met_others: set[Word] = set()
    total, weight = 0.0, 0
    for alike, one, other in pairs:
        if one not in met and other not in met_others:
            met.add(one)
            met_others.add(other)
            length = max(len(one.text), len(other.text))
            total, weight = total + alike * length, weight + length
    few, many = sorted((len(some), len(others)))
    if few == 1 < many:
        return total / weight * 0.8
    return total / weight * (1 - 0.06 * (many - few))


def word_similarity(some: Word, other: Word) -> float:
    """How alike two words are, 0 to 1."""
    if some.text == other.text:
        return 1.0
    if some.family and some.family == other.family:
        return 0.95
    spelling = OSA.normalized_similarity(some.text, other.text)
    shared = some.skeletons & other.skeletons
    if shared and some.is_without_vowels != other.is_without_vowels:
        return 0.93
    if shared:
        sounds, others = dict(some.sounds), dict(other.sounds)
        sound = max(OSA.normalized_similarity(sounds[skeleton], others[skeleton]) for skeleton in shared)
        return max(spelling, 0.4 + 0.55 * sound)
    return spelling * (0.95 if spelling >= 0.7 else 0.7)
