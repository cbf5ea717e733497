"""Loading what a started system has loaded, for the suite."""

from kalkan.config.messages import compile_messages
from kalkan.web import assets


def load() -> None:
    """Code lists, indicators, provisions."""


def prepare_statics() -> None:
    """Words and vendor files."""
    compile_messages()
    assets.gather()
