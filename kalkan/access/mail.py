"""Mail to officers. It goes through networks that are not ours: no name, no number, nothing but that there is work."""

from uuid import UUID

from django.core import mail
from django.utils import translation
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app as jobs

from kalkan.access.emergencies import told
from kalkan.access.models import Emergency, User
from kalkan.access.session import Task, beyond_reach


def tell_of_emergency(reference: UUID) -> int:
    """One mail to each of `told`, in their language; returns how many."""
    emergency = Emergency.objects.select_related("user__institution").get(reference=reference)
    messages = []
    for user in told(emergency):
        with translation.override(user.language):
            subject = _("Kalkan: an emergency was opened")
            body = _(
                "An officer opened a record in an emergency. Sign in to Kalkan to see who, when and on what ground: "
                "it stands on your home page."
            )
        messages.append(mail.EmailMessage(subject, body, to=[user.email]))
    with mail.get_connection() as connection:
        return connection.send_messages(messages) or 0


def tell_owner_later(user: User) -> None:
    """The owner of an account is told that the way to sign in was changed, once the caller's transaction is committed.

    A job, so that it is tried again where mail fails; whoever made the change cannot keep it back.
    """
    with beyond_reach(Task.QUEUE):
        jobs.configure_task("access.tell_owner", allow_unknown=True).defer(reference=str(user.reference))


def tell_owner(reference: UUID) -> int:
    """One mail to the owner of an account, in their language; returns how many were sent."""
    user = User.objects.get(reference=reference)
    with translation.override(user.language):
        subject = _("Kalkan: how you sign in was changed")
        body = _(
            "The password, the authenticator app, a passkey or the recovery codes of your Kalkan account were "
            "changed. If it was you, there is nothing to do. If not, call your account administrator at once: the "
            "account can be closed and set up again."
        )
    return mail.EmailMessage(subject, body, to=[user.email]).send()
