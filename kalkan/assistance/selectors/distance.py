"""How far the provinces are from each other, by their centres. No query once a process has read the provinces."""

from math import asin, cos, radians, sin, sqrt

from kalkan.vocabulary import selectors as vocabulary

EARTH = 6371.0088  # mean radius in kilometres (IUGG)


def great_circle(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """Kilometres between two points given in degrees, along the surface of a sphere (haversine formula).

    Chosen because it stays exact for near points; the earth's flattening changes it by half a percent at most.

    >>> round(great_circle(41.01, 28.98, 39.93, 32.86))
    349
    """
    one, other = radians(latitude), radians(other_latitude)
    half = sin((other - one) / 2) ** 2
    half += cos(one) * cos(other) * sin(radians(other_longitude - longitude) / 2) ** 2
    return 2 * EARTH * asin(sqrt(half))


def from_province(code: str) -> dict[str, float]:
    """Kilometres from the centre of a province to that of each, itself included, the nearest first.

    Empty for a code that is no province, and as long as the centres are not loaded.
    """
    all_of_them = [row for row in vocabulary.provinces() if row.latitude is not None and row.longitude is not None]
    here = next((row for row in all_of_them if row.code == code), None)
    if here is None:
        return {}
    found = {
        row.code: great_circle(here.latitude, here.longitude, row.latitude, row.longitude)  # type: ignore[arg-type]
        for row in all_of_them
    }
    return dict(sorted(found.items(), key=lambda pair: pair[1]))
