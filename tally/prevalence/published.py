"""The published tables that the package is checked against."""

from importlib.resources import as_file, files

from tally.prevalence.histories import Histories, read_histories

PUBLISHED = ("Artificial_3", "Korea", "Kosovo", "Ned", "Ned_5", "UKdat", "UKdat_5")


def published_table(name: str) -> Histories:
    """One of the published tables named in PUBLISHED; `tables/README.md` gives the source of each.

    Raises ValueError for another name.

    >>> published_table("UKdat").observed
    2744
    """
    if name not in PUBLISHED:
        raise ValueError(f"{name!r} is not one of {', '.join(PUBLISHED)}")
    with as_file(files("tally.prevalence") / "tables" / f"{name}.csv") as path:
        return read_histories(path)
