"""What ends in this room, in the same transaction, when a person takes a consent back: `settings.CONSENT_ENDERS`."""

from kalkan.access.models import User
from kalkan.assistance.services.referral_moves import end_without_consent
from kalkan.persons.models import Consent


def withdrawn(consent: Consent, *, by: User) -> None:
    """Every live referral that rests on this consent is revoked: its receiver sees nothing from now on."""
    end_without_consent(consent, by=by)
