"""Which passwords are refused because of where they are used (`AUTH_PASSWORD_VALIDATORS`)."""

import re
import unicodedata
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_WORDS = Path(__file__).with_name("context_words.txt")
_SHORTEST = 5  # letters of a word of an institution's name; shorter ones stand in too many others
_SIGNS = str.maketrans("013457@$!", "oieastasi")  # letters as people hide them
_PLAIN = str.maketrans("ıİ", "ii")


class CommonValidator(CommonPasswordValidator):
    """Refuses common passwords, and rows of neighbours such as 123456789012, of which the list has the short ones."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError (code `password_too_common`)."""
        super().validate(password, user)
        steps = [(ord(after) - ord(before)) % 10 for before, after in pairwise(password)]
        if sum(step in {0, 1, 9} for step in steps) > len(steps) * 0.75:
            raise ValidationError(self.get_error_message(), code="password_too_common")


class ContextValidator:
    """Refuses a password with a word of this system or of the owner's institution in it, however it is written."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raises ValidationError (code `password_of_the_context`)."""
        plain = _letters(password)
        tried = {re.sub(r"[^a-z]", "", one) for one in (plain, plain.translate(_SIGNS))}
        for word in (*_words(), *_of_institution(user)):
            is_there = any(word in one for one in tried)
            if re.search(rf"(?<!\d){word}(?!\d)", plain) if word.isdigit() else is_there:
                raise ValidationError(
                    _("Choose a password without words of this work, of your institution or of Kalkan."),
                    code="password_of_the_context",
                )

    def get_help_text(self) -> str:
        """What the form says beforehand."""
        return _("It contains no word of this work, of your institution or of Kalkan.")


def _letters(text: str) -> str:
    """Small letters without their marks: `Göç`, `GÖÇ` and `goc` are one."""
    spread = unicodedata.normalize("NFKD", text.translate(_PLAIN).casefold())
    return "".join(letter for letter in spread if not unicodedata.combining(letter))


@cache
def _words() -> tuple[str, ...]:
    lines = _WORDS.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def _of_institution(user: Any) -> list[str]:
    institution = getattr(user, "institution", None)
    if institution is None:
        return []
    names = _letters(f"{institution.name_tr} {institution.name_en}")
    return [word for word in re.findall(r"[a-z]+", names) if len(word) >= _SHORTEST]
