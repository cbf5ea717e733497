"""Mail to those who were reminded and to the centre, which was told: that there is work, and nothing else."""

from collections.abc import Iterable
from datetime import datetime

from django.core import mail
from django.utils import translation
from django.utils.translation import gettext as _

from kalkan.access.models import User
from kalkan.access.roles import Permission, Scope
from kalkan.access.session import Task, beyond_reach
from kalkan.assistance.models import Promise, Reminder


@beyond_reach(Task.CLOCK)
def tell(since: datetime) -> int:
    """One mail to each whose promise was warned of since then, one to each of the centre if any was brought to it.

    A promise without an owner is told to the officers of the institution that owes it. Returns how many were sent.
    """
    reminded = Promise.objects.filter(pk__in=Reminder.objects.filter(at__gte=since).values("promise"))
    owners = set(reminded.filter(owner__is_active=True).values_list("owner", flat=True))
    seats = set(reminded.exclude(owner__is_active=True).values_list("institution", flat=True))
    messages = [
        _letter(
            user,
            translation.gettext_noop("Kalkan: something is owed to a person"),
            translation.gettext_noop(
                "What you or your institution owes a person is due soon, or overdue. Sign in to Kalkan: it stands "
                "under Promises, the overdue on top."
            ),
        )
        for user in {*User.objects.filter(pk__in=owners), *_officers(User.objects.filter(institution__in=seats))}
    ]
    if Promise.objects.filter(escalated_at__gte=since).exists():
        messages += [
            _letter(
                user,
                translation.gettext_noop("Kalkan: promises were brought to the centre"),
                translation.gettext_noop(
                    "What an institution owes a person was not kept in time. Sign in to Kalkan: it stands under "
                    "Promises, and under Age of promises."
                ),
            )
            for user in _officers(User.objects.all())
            if user.scope is Scope.NATION and Permission.CASES_OVERSEE in user.permissions
        ]
    with mail.get_connection() as connection:
        return connection.send_messages(messages) or 0


def _officers(users: Iterable[User]) -> list[User]:
    """Those at work who see cases at all."""
    return [user for user in users if user.is_active and Permission.CASES_VIEW in user.permissions]


def _letter(user: User, subject: str, body: str) -> mail.EmailMessage:
    with translation.override(user.language):
        return mail.EmailMessage(_(subject), _(body), to=[user.email])
