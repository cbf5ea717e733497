"""What templates of every room may use: `{% load kalkan %}`."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django import template
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kalkan.access.models import Institution, User
from kalkan.access.sensitivity import name_for
from kalkan.vocabulary.selectors import label as word_of

register = template.Library()


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """A picture beside words, hidden from screen readers: the words carry the meaning."""
    return format_html(
        '<svg class="icon {}" width="20" height="20" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        extra,
        static("vendor/icons.svg"),
        name,
    )


@register.filter
def known_to(institution: Institution, user: User) -> str:
    """The institution as this reader may know it: where a shelter is stays hidden from most."""
    return name_for(user, institution)


@register.filter
def day(value: date | None) -> str:
    """A day as people write it: 3 Şubat 2026, 3 February 2026."""
    return "" if value is None else date_format(_local(value), "j F Y")


@register.filter
def moment(value: datetime | None) -> str:
    """A day and time on the wall clock of Türkiye."""
    return "" if value is None else date_format(timezone.localtime(value), "j F Y, H:i")


@register.filter
def rough(value: date | None, precision: str = "day") -> str:
    """A date said no more exactly than it is known."""
    if value is None:
        return _("not known")
    match precision:
        case "month":
            return date_format(value, "F Y")
        case "year":
            return date_format(value, "Y")
        case "about":
            return _("about %(year)s") % {"year": value.year}
    return day(value)


@register.filter
def relative(value: date | None) -> str:
    """How far a day is from today, in words: 3 days left, today, 2 days late."""
    if value is None:
        return ""
    away = (_local(value) - timezone.localdate()).days
    if away == 0:
        return _("today")
    if away == 1:
        return _("tomorrow")
    if away > 0:
        return ngettext("%(count)d day left", "%(count)d days left", away) % {"count": away}
    return ngettext("%(count)d day late", "%(count)d days late", -away) % {"count": -away}


@register.inclusion_tag("components/due.html")
def due(value: date | None) -> dict[str, Any]:
    """A deadline: the day, how far away it is, and (in words as well as colour) whether it has passed."""
    away = None if value is None else (_local(value) - timezone.localdate()).days
    return {
        "value": value,
        "state": "none" if away is None else "late" if away < 0 else "soon" if away <= 2 else "ahead",
    }


@register.filter
def label(code: str | Sequence[str] | None, code_list: str) -> str:
    """The words of a code of a list, in the reader's language; of several codes, separated by commas."""
    if not code:
        return ""
    codes = [code] if isinstance(code, str) else code
    return ", ".join(word_of(code_list, one) for one in codes)


@register.filter
def yes_no(value: bool | None) -> str:
    """Yes, no, or not known: an open question is an answer too."""
    return _("Not known") if value is None else _("Yes") if value else _("No")


@register.filter
def is_single_checkbox(field: BoundField) -> bool:
    """A lone checkbox carries its label after the box."""
    return field.widget_type == "checkbox"


def _local(value: date) -> date:
    return timezone.localtime(value).date() if isinstance(value, datetime) else value
