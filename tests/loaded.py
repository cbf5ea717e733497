"""Loading what a started system has loaded, for the suite."""

from kalkan.vocabulary import selectors, services
from kalkan.web import assets, locked


def load() -> None:
    """Code lists, indicators, provisions; read once, so that no test pays for being the first to ask."""
    services.load()
    warm()


def warm() -> None:
    """What every process remembers after its first page."""
    for read in (selectors.lists, selectors.provinces, selectors.indicators, selectors.provisions):
        read()
    selectors.codes("sex")
    selectors.indicator_weights("adult_labour")
    selectors.closed_days()
    locked.trouble()


def prepare_statics() -> None:
    """Vendor files."""
    assets.gather()
