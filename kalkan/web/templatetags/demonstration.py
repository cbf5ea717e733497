"""The accounts of the demonstration, for its sign-in page."""

from typing import Any

from django import template
from django.template.context import RequestContext

from kalkan.access.models import User
from kalkan.access.roles import Role
from kalkan.web.demonstration import PASSWORD

register = template.Library()
_EACH = 4  # accounts shown for one role


@register.inclusion_tag("components/demonstration_accounts.html", takes_context=True)
def demonstration_accounts(context: RequestContext) -> dict[str, Any]:
    """Invented accounts by role, in the order in which a case meets the roles."""
    by_role: dict[str, list[User]] = {}
    accounts = User.objects.filter(is_invented=True, is_active=True).select_related("institution").order_by("pk")
    for account in accounts.exclude(password__startswith="!"):  # noqa: S106 - an account that nobody can sign in to
        by_role.setdefault(account.role, []).append(account)
    return {
        "csrf_token": context.get("csrf_token"),
        "password": PASSWORD,
        "roles": [{"label": role.label, "accounts": by_role[role][:_EACH]} for role in Role if role in by_role],
    }
