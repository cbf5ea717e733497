"""Mail to officers. It goes through networks that are not ours: no name, no number, nothing but that there is work."""

from uuid import UUID

from django.core import mail
from django.utils import translation
from django.utils.translation import gettext as _

from kalkan.access.emergencies import told
from kalkan.access.models import Emergency


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
