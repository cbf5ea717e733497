"""Names across scripts and spellings. Pure functions: text in, comparable forms out.

A word of a name is compared in four ways, each of them also a blind key: as written in plain Latin letters, as its
consonant skeleton (vowels, doubled letters and the letters that scripts disagree on fall away), as a member of a
family of cognates and short forms (`variants.txt`), and, for slips of the pen, with one letter left out.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice, product
from pathlib import Path

from anyascii import anyascii
from rapidfuzz.distance import JaroWinkler

MOST_WORDS = 10
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
_SKELETON = str.maketrans(
    {**dict.fromkeys("aeiouyh", ""), "b": "P", "p": "P", "d": "T", "t": "T", "g": "K", "k": "K", "q": "K"}
    | {"f": "F", "v": "V", "w": "V", "s": "S", "z": "S", "l": "L", "m": "M", "n": "N", "r": "R"}
)
# What one letter may stand for; the first reading is the commonest. Capitals are classes already.
_READINGS = {
    "c": ("J", "K"),  # Turkish Cemile, Spanish Carlos
    "j": ("J", "y"),  # English Jamila, German Josef
    "x": ("KS", "S"),  # Alexandra, Xiuying
    "kh": ("h", "K"),  # Khadija is Hatice; Kharkiv is not
    "g (Cyrillic)": ("g", "h"),  # Гасан is Hasan, Гульнара is Gülnare
    "w (inside, without vowels)": ("", "V"),  # a long u in محمود, a v in نوین
}


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a name in its comparable forms."""

    text: str
    skeletons: frozenset[str]
    family: str
    is_without_vowels: bool = False


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
    return Word(text, _skeletons(piece, text), _families().get(text, ""), bool(_ABJAD.search(piece)))


def _skeletons(piece: str, text: str) -> frozenset[str]:
    """The consonant skeletons of a word: one for each way in which its ambiguous letters may be read, at most six."""
    is_abjad = bool(_ABJAD.search(piece))
    is_cyrillic = "CYRILLIC" in unicodedata.name(piece[0], "")
    plain = re.sub(r"(.)\1", r"\1", text)
    for group, class_ in (("shch", "S"), ("sch", "S"), ("sh", "S"), ("dzh", "J"), ("zh", "J"), ("dj", "J")):
        plain = plain.replace(group, class_)
    for group, class_ in (("tch", "J"), ("ch", "J"), ("ck", "K"), ("ph", "F"), ("th", "T"), ("dh", "T"), ("gh", "g")):
        plain = plain.replace(group, class_)
    parts: list[tuple[str, ...]] = []
    for index, letter in enumerate(re.findall("kh|.", plain)):
        if letter == "g" and is_cyrillic:
            parts.append(_READINGS["g (Cyrillic)"])
        elif letter == "w" and is_abjad and index:
            parts.append(_READINGS["w (inside, without vowels)"])
        else:
            parts.append(_READINGS.get(letter, (letter,)))
    begins_open = is_abjad and piece[0] in "اأإآعئ"
    read = {_skeleton("".join(reading), begins_open) for reading in islice(product(*parts), 6)}
    return frozenset({skeleton for skeleton in read if len(skeleton) > 1} or read)


def _skeleton(text: str, begins_open: bool) -> str:
    text = re.sub("^y(?=e)", "", text)  # Yelena and Elena
    return ("A" if begins_open or text[:1] in "aeiou" else "") + text.translate(_SKELETON)


def slips(word: Word) -> frozenset[str]:
    """The word itself and with each one letter left out: two words one slip apart share one of these."""
    text = word.text[:16]
    if len(text) < 4:
        return frozenset({text})
    return frozenset({text, *(text[:index] + text[index + 1 :] for index in range(len(text)))})


@lru_cache(maxsize=1)
def _families() -> dict[str, str]:
    lines = (Path(__file__).parent / "variants.txt").read_text(encoding="utf-8").splitlines()
    members = [latin(line).split() for line in lines if line and not line.startswith("#")]
    return {member: names[0] for names in members for member in names}


def similarity(some: tuple[Word, ...], others: tuple[Word, ...]) -> float:
    """How alike two names are, 0 to 1, in any order of words; words that only one of them has cost little."""
    if not some or not others:
        return 0.0
    if "".join(sorted(w.text for w in some)) == "".join(sorted(w.text for w in others)):
        return 1.0
    if "".join(w.text for w in some) == "".join(w.text for w in others):
        return 0.98
    few, many = sorted((some, others), key=len)
    free, total, weight = list(many), 0.0, 0
    for word in sorted(few, key=lambda w: -len(w.text)):
        best = max(free, key=lambda other: word_similarity(word, other))
        total += word_similarity(word, best) * len(word.text)
        weight += len(word.text)
        free.remove(best)
    shared = total / weight
    if len(few) == 1 < len(many):
        return shared * 0.8
    return shared * (1 - 0.06 * (len(many) - len(few)))


def word_similarity(some: Word, other: Word) -> float:
    """How alike two words are, 0 to 1."""
    if some.text == other.text:
        return 1.0
    if some.family and some.family == other.family:
        return 0.95
    spelling = JaroWinkler.similarity(some.text, other.text)
    if some.skeletons & other.skeletons:
        if some.is_without_vowels or other.is_without_vowels:
            return 0.93
        return 0.8 + 0.15 * spelling
    return spelling * (0.95 if spelling >= 0.88 else 0.6)
