"""What list pages of every room may use: `{% load exchange %}` and `{% export_buttons "cases" %}`."""

from typing import Any

from django import template
from django.http import QueryDict
from django.template.context import RequestContext
from django.urls import reverse

from kalkan.exchange.lists import LISTS

register = template.Library()


@register.inclusion_tag("exchange/export_buttons.html", takes_context=True)
def export_buttons(context: RequestContext, name: str, **filters: str) -> dict[str, Any]:
    """Buttons that take the list out as the page shows it: the page's parameters, and `filters`, narrow it.

    Nothing is shown to those who may not export it. Raises KeyError for a list that is not registered.
    """
    definition, request = LISTS[name], context["request"]
    if not (request.user.is_active and definition.opens_for(request.user.permissions)):
        return {"buttons": []}
    asked: QueryDict = request.GET.copy()
    for key in ("page", "format"):
        asked.pop(key, None)
    for key, value in filters.items():
        asked[key] = str(value)
    address = reverse("exchange:export", args=[name])
    buttons = []
    for kind in ("csv", "xlsx"):
        asked["format"] = kind
        buttons.append({"url": f"{address}?{asked.urlencode()}", "kind": kind.upper()})
    return {"buttons": buttons, "title": definition.title}
