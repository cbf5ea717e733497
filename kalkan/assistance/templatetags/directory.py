"""How the directory speaks of the days of the week."""

from collections.abc import Sequence
from itertools import groupby

from django import template
from django.utils.dates import WEEKDAYS_ABBR

register = template.Library()


@register.filter
def weekdays(days: Sequence[int]) -> str:
    """Days of the week, 1: Monday, in words; days that follow each other as a span: Mon–Fri, Sun."""
    spans = []
    for _key, group in groupby(enumerate(sorted(days)), key=lambda pair: pair[1] - pair[0]):
        run = [str(WEEKDAYS_ABBR[day - 1]) for _at, day in group]
        spans.append(run[0] if len(run) == 1 else f"{run[0]}–{run[-1]}")
    return ", ".join(spans)
