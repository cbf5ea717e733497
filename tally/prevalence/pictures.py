"""The pictures of a report, as Altair charts: black and grey, told apart by place and shape, never by colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

INK, GREY, PALE = "#1a1a1a", "#7a7a7a", "#d9d9d9"
WIDTH = 600


def overlap_plot(
    lists: Sequence[str], rows: Sequence[tuple[int, str, int]], words: Mapping[str, str]
) -> alt.TopLevelMixin:
    """How many people have each capture history: dots for the lists they are on, a bar for their number.

    `rows` are (mask, name, people), in the order to draw them.
    """
    order = [name for _, name, _ in rows]
    dots = [
        {"history": name, "list": label, "on": bool(mask >> i & 1)}
        for mask, name, _ in rows
        for i, label in enumerate(lists)
    ]
    bars = [{"history": name, "people": people} for _, name, people in rows]
    row = alt.Y("history:N", sort=order, axis=None)
    column = alt.X("list:N", sort=list(lists), title=None, axis=alt.Axis(orient="top", labelAngle=-45, ticks=False))
    matrix = (
        alt.Chart(alt.Data(values=dots))
        .mark_circle(size=55, opacity=1)
        .encode(x=column, y=row, color=alt.condition("datum.on", alt.value(INK), alt.value(PALE)))
        .properties(width=24 * len(lists), height=17 * len(rows))
    )
    largest = max(people for _, _, people in rows)
    ticks = [0, *(10**i for i in range(len(str(largest))))]
    powers = alt.Axis(values=ticks, format=",d", grid=True, gridColor=PALE, domain=False)
    people = alt.X("people:Q", title=words["people (log scale)"], scale=alt.Scale(type="symlog"), axis=powers)
    base = alt.Chart(alt.Data(values=bars)).encode(x=people, y=row)
    bar = base.mark_bar(color=GREY, height=11)
    label = base.mark_text(align="left", dx=4, color=INK, fontSize=11).encode(text="people:Q")
    counted = (bar + label).properties(width=WIDTH - 24 * len(lists), height=17 * len(rows))
    return alt.hconcat(matrix, counted, spacing=6)


def estimates_plot(rows: Sequence[Mapping[str, Any]], observed: int, words: Mapping[str, str]) -> alt.TopLevelMixin:
    """Each method's estimate with its interval; a dashed line marks the people observed.

    `rows` have `method`, `estimate`, and `low` and `high` or None; an open end is rows without a cap.
    """
    known = [row for row in rows if row["estimate"] is not None]
    top = max([row["estimate"] for row in known] + [row["high"] for row in known if row["high"]], default=observed)
    for row in known:
        row["from"] = observed if row["low"] is None else row["low"]  # type: ignore[index]
        row["to"] = top * 1.05 if row["high"] is None else row["high"]  # type: ignore[index]
    order = [row["method"] for row in known]
    axis = alt.Axis(labelLimit=220, ticks=False, domain=False, labelFontSize=13)
    y = alt.Y("method:N", sort=order, title=None, axis=axis)
    scale = alt.Scale(zero=True, nice=True)
    data = alt.Data(values=known)
    line = (
        alt.Chart(data)
        .mark_rule(size=3, color=GREY)
        .encode(y=y, x=alt.X("from:Q", title=words["people"], scale=scale, axis=_axis()), x2="to:Q")
    )
    caps = [
        alt.Chart(alt.Data(values=[row for row in known if row[end] is not None]))
        .mark_tick(size=16, thickness=2, color=INK)
        .encode(y=y, x=alt.X(f"{end}:Q"))
        for end in ("low", "high")
    ]
    point = (
        alt.Chart(data)
        .mark_point(shape="diamond", size=110, filled=True, color=INK, opacity=1)
        .encode(y=y, x="estimate:Q")
    )
    seen = alt.Chart(alt.Data(values=[{"observed": observed}])).mark_rule(strokeDash=[4, 3], color=INK)
    return alt.layer(line, *caps, point, seen.encode(x="observed:Q")).properties(
        width=WIDTH - 60, height=44 * max(1, len(known))
    )


def thresholds_plot(rows: Sequence[Mapping[str, Any]], words: Mapping[str, str]) -> alt.TopLevelMixin:
    """Stepwise estimates over p-value thresholds. `rows` have `choice` (the threshold) and `estimate` or None."""
    known = [{"threshold": float(row["choice"]), "estimate": row["estimate"]} for row in rows if row["estimate"]]
    x = alt.X(
        "threshold:Q",
        scale=alt.Scale(type="log"),
        title=words["threshold"],
        axis=alt.Axis(values=[row["threshold"] for row in known], format="~g", grid=False),
    )
    y = alt.Y("estimate:Q", title=words["people"], scale=alt.Scale(zero=True), axis=_axis())
    base = alt.Chart(alt.Data(values=known)).encode(x=x, y=y)
    return (
        base.mark_line(interpolate="step-after", color=GREY)
        + base.mark_point(filled=True, size=60, color=INK, opacity=1)
    ).properties(width=WIDTH - 60, height=200)


def choices_plot(rows: Sequence[Mapping[str, Any]], estimate: float, words: Mapping[str, str]) -> alt.TopLevelMixin:
    """Estimates with a list left out (circle) or two merged (square); the line is the estimate on the whole table."""
    known = [dict(row) for row in rows if row["estimate"] is not None]
    order = [row["choice"] for row in sorted(known, key=lambda row: row["estimate"])]
    data = alt.Data(values=known)
    y = alt.Y(
        "choice:N",
        sort=order,
        title=None,
        axis=alt.Axis(labelLimit=220, domain=False, ticks=False, grid=True, gridColor=PALE),
    )
    x = alt.X("estimate:Q", title=words["people"], scale=alt.Scale(zero=True), axis=_axis())
    shape = alt.Shape(
        "kind:N",
        title=None,
        scale=alt.Scale(domain=[words["left out"], words["merged"]], range=["circle", "square"]),
        legend=alt.Legend(orient="top", symbolFillColor=INK, symbolStrokeColor=INK),
    )
    points = alt.Chart(data).mark_point(filled=True, size=70, color=INK, opacity=1).encode(y=y, x=x, shape=shape)
    line = (
        alt.Chart(alt.Data(values=[{"estimate": estimate}]))
        .mark_rule(color=INK, strokeDash=[4, 3])
        .encode(x="estimate:Q")
    )
    return (line + points).properties(width=WIDTH - 60, height=18 * max(1, len(known)))


def bias_plot(rows: Sequence[Mapping[str, Any]], words: Mapping[str, str]) -> alt.TopLevelMixin:
    """The fixed-bias curve: estimate and limits against the factor on the dark figure."""
    data = alt.Data(values=[dict(row) for row in rows])
    ticks = [row["factor"] for row in rows]
    label = "datum.value < 1 ? '1/' + format(1 / datum.value, '~g') : '×' + format(datum.value, '~g')"
    x = alt.X(
        "factor:Q",
        scale=alt.Scale(type="log"),
        title=words["factor"],
        axis=alt.Axis(
            values=[t for t in ticks if t.is_integer() or (1 / t).is_integer()], labelExpr=label, grid=False
        ),
    )
    y = alt.Y("estimate:Q", title=words["people"], scale=alt.Scale(zero=True), axis=_axis())
    base = alt.Chart(data).encode(x=x)
    layers: list[alt.Chart] = []
    if all(row["low"] is not None and row["high"] is not None for row in rows):
        layers.append(base.mark_area(color=PALE).encode(y=alt.Y("low:Q", title=words["people"]), y2="high:Q"))
    layers.append(base.mark_line(color=INK).encode(y=y))
    layers.append(base.mark_point(filled=True, size=50, color=INK, opacity=1).encode(y=y))
    return alt.layer(*layers).properties(width=WIDTH - 60, height=200)


def to_svg(chart: alt.TopLevelMixin, font: str, language: str) -> str:
    """The chart as an SVG document that needs nothing else, with numbers grouped as the language does."""
    import vl_convert

    specification = chart.to_dict(validate=False)
    specification["config"] = {
        "font": font,
        "background": "white",
        "padding": {"left": 28, "right": 28, "top": 6, "bottom": 6},
        "view": {"stroke": None},
        "axis": {"labelFontSize": 11, "titleFontSize": 12, "titleFontWeight": "normal", "labelColor": INK},
        "legend": {"labelFontSize": 11},
    }
    group = "." if language == "tr" else ","
    point = "," if language == "tr" else "."
    numbers = {"decimal": point, "thousands": group, "grouping": [3], "currency": ["", ""]}
    return str(vl_convert.vegalite_to_svg(specification, format_locale=numbers))


def _axis() -> alt.Axis:
    return alt.Axis(format=",d", grid=True, gridColor=PALE, domain=False, tickCount=6)
