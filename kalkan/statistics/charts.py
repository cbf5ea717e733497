"""Charts drawn on the server: a Vega-Lite specification becomes an SVG inside the page.

No script and no style attribute reaches the browser, so the strict content policy holds, print and slow lines get
the same picture, and colours are CSS variables that follow light and dark. Every chart can be read without colour:
bars carry their numbers, lines differ by dash and by the shape of their points.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from xml.etree.ElementTree import Element, register_namespace, tostring  # writes; reading is defusedxml's

import vl_convert
from defusedxml.ElementTree import fromstring
from django.utils.safestring import SafeString, mark_safe

from kalkan.statistics import numbers

SVG = "http://www.w3.org/2000/svg"
INK, LINE, OURS, OFFICIAL = "currentColor", "var(--line-strong)", "var(--chart-ours)", "var(--chart-official)"
# Words are measured in the server's font and shown in the reader's, which may be wider.
ROOM = {"left": 26, "right": 30, "top": 5, "bottom": 5}
FONT = {"font": "sans-serif", "fontSize": 14}
CONFIG = {
    "background": None,
    "font": "sans-serif",
    "view": {"stroke": None},
    "text": {"color": INK, **FONT},
    "axis": {
        "labelColor": INK,
        "labelFontSize": 14,
        "titleColor": INK,
        "domainColor": LINE,
        "tickColor": LINE,
        "gridColor": "var(--line)",
        "titleFontSize": 14,
    },
    "legend": {
        "labelColor": INK,
        "labelFontSize": 14,
        "orient": "top",
        "title": None,
        "symbolSize": 120,
        "labelLimit": 400,
    },
}
register_namespace("", SVG)


class Point(NamedTuple):
    """One year of one series."""

    series: str
    year: int
    value: int


class Series(NamedTuple):
    """How a series looks: its colour, its dash and the shape of its points."""

    name: str
    color: str
    dash: list[int]
    shape: str
    is_line: bool = True


def bars(rows: Sequence[tuple[str, int]], *, description: str) -> SafeString:
    """Horizontal bars, each with its number beside it."""
    values = [{"label": label, "count": count, "text": numbers.whole(count)} for label, count in rows]
    size = {"field": "count", "type": "quantitative", "axis": None}
    name_axis = {"title": None, "labelLimit": 220, "ticks": False, "domain": False, "labelPadding": 8}
    spec = {
        "data": {"values": values},
        "width": 340,
        "padding": ROOM,
        "height": {"step": 30},
        "encoding": {"y": {"field": "label", "type": "nominal", "sort": None, "axis": name_axis}, "x": size},
        "layer": [
            {"mark": {"type": "bar", "color": OURS, "height": 20}},
            {
                "mark": {"type": "text", "align": "left", "dx": 5},
                "encoding": {"text": {"field": "text", "type": "nominal"}},
            },
        ],
    }
    return _draw(spec, description)


def lines(points: Sequence[Point], series: Sequence[Series], *, description: str) -> SafeString:
    """Yearly series over each other; a series that is no line shows its points alone."""
    values = [point._asdict() for point in points]
    names = [one.name for one in series]

    def scale(values_of: Sequence[Any]) -> dict[str, Any]:
        return {
            "field": "series",
            "type": "nominal",
            "scale": {"domain": names, "range": list(values_of)},
            "legend": {"title": None},
        }

    color = scale([one.color for one in series])
    first, last = min(point.year for point in points), max(point.year for point in points)
    years = {"format": "d", "tickCount": min(last - first + 1, 12), "tickMinStep": 1, "title": None, "grid": False}
    span = {"zero": False, "nice": False, "padding": 8}
    spec = {
        "data": {"values": values},
        "width": 640,
        "padding": ROOM,
        "height": 260,
        "encoding": {
            "x": {"field": "year", "type": "quantitative", "scale": span, "axis": years},
            "y": {"field": "value", "type": "quantitative", "axis": {"title": None, "format": ",d", "tickCount": 6}},
            "color": color,
        },
        "layer": [
            {
                "transform": [{"filter": {"field": "series", "oneOf": [one.name for one in series if one.is_line]}}],
                "mark": {"type": "line", "strokeWidth": 2.5},
                "encoding": {"strokeDash": {**scale([one.dash for one in series]), "legend": None}},
            },
            {
                "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
                "encoding": {"shape": scale([one.shape for one in series])},
            },
        ],
    }
    return _draw(spec, description)


def _draw(spec: dict[str, Any], description: str) -> SafeString:
    whole = {"$schema": "https://vega.github.io/schema/vega-lite/v6.json", "config": CONFIG, **spec}
    drawn = _drawn(json.dumps(whole, sort_keys=True), json.dumps(numbers.separators(), sort_keys=True), description)
    return mark_safe(drawn)  # noqa: S308  # made here, every text in it escaped by the XML writer


@lru_cache(maxsize=256)
def _drawn(spec: str, separators: str, description: str) -> str:
    """Kept by content: the same numbers in the same language are drawn once in each process."""
    svg = fromstring(vl_convert.vegalite_to_svg(json.loads(spec), format_locale=json.loads(separators)))
    _clean(svg)
    svg.attrib.update({"role": "img", "aria-label": description, "class": "chart", "focusable": "false"})
    return tostring(svg, encoding="unicode")


def _clean(svg: Element) -> None:
    """Keep what draws. The picture is one image with one description; its table tells the numbers."""
    for parent in list(svg.iter()):
        for name in list(parent.attrib):
            if name in {"style", "role", "class", "pointer-events", "version"} or name.startswith(("aria-", "on")):
                del parent.attrib[name]
        for child in list(parent):
            if child.attrib.get("display") == "none" or child.attrib.get("opacity") == "0":
                parent.remove(child)
    del svg.attrib["width"], svg.attrib["height"]
