"""Second factors: authenticator app (TOTP), passkeys (WebAuthn) and recovery codes, on top of `allauth.mfa`.

Everybody needs one, except the invented accounts of a demonstration. Secrets are sealed with `accounts.key`; a code is
good once (RFC 6238, 5.2), the one that set the app up included; every failure is recorded.
"""

import struct
from base64 import b64decode, b64encode
from typing import Any, ClassVar

from allauth.core import context
from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base import forms as base
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt as read_secret
from allauth.mfa.webauthn import forms as webauthn
from cryptography.exceptions import InvalidTag
from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kalkan.access import sealing
from kalkan.access.models import User
from kalkan.audit.events import Event
from kalkan.audit.services import record

STEP_SET = "totp_step"  # in the session: the step of the code that set up an app
_BOUND = b"second factor"


class FactorUnreadable(Exception):
    """A stored secret does not open: `accounts.key` is not the file that this database was filled with."""


def is_exempt(user: User) -> bool:
    """True for an invented account of a demonstration, which shows no real person to anyone."""
    return bool(user.is_invented and settings.IS_DEMONSTRATION)


def has_factor(user: User) -> bool:
    """True if the account has an authenticator app or a passkey; recovery codes alone are none."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return Authenticator.objects.filter(user_id=user.pk, type__in=kinds).exists()


def forget_factors(user: User) -> int:
    """Remove every second factor of an account whose owner lost them; returns how many there were."""
    return Authenticator.objects.filter(user_id=user.pk).delete()[0]


def forget_sealed() -> int:
    """Remove what `accounts.key` sealed for anybody, apps and recovery codes, because it is exchanged; how many."""
    return Authenticator.objects.exclude(type=Authenticator.Type.WEBAUTHN).delete()[0]


def keep_step(user: User, session: Any) -> None:
    """Remember the code that set up the app as used, so that it opens nothing after that."""
    step = session.pop(STEP_SET, None)
    app = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).first()
    if app is not None and step is not None:
        app.data["step"] = step
        app.save(update_fields=["data"])


def use_code(user: User, code: str) -> Authenticator:
    """The factor whose code this is; the code is used up. Raises ValidationError (codes `replay`, `incorrect_code`)
    and FactorUnreadable.
    """
    is_replay = False
    with transaction.atomic():
        factors = Authenticator.objects.select_for_update().filter(user_id=user.pk)
        for factor in factors.exclude(type=Authenticator.Type.WEBAUTHN).order_by("-type"):
            if factor.type == Authenticator.Type.RECOVERY_CODES:
                if factor.wrap().validate_code(code):
                    return factor
                continue
            step = _step(read_secret(factor.data["secret"]), code)
            if step is None:
                continue
            if step > factor.data.get("step", -1):
                factor.data["step"] = step
                factor.save(update_fields=["data"])
                return factor
            is_replay = True
    raise SealedFactors().validation_error("replay" if is_replay else "incorrect_code")


def _step(secret: str, code: str) -> int | None:
    """The thirty seconds to which a code belongs, among those that count now."""
    for step in yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))):
            return step
    return None


class SealedFactors(DefaultMFAAdapter):
    """Secrets sealed, words our own (`MFA_ADAPTER`)."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is not right. Type the one that the app shows now, or a recovery code."),
        "replay": _("This code has been used already. Wait for the next one."),
        "unreadable": _(
            "The server cannot read second factors: its key file accounts.key is missing or another one. "
            "Nothing is lost; tell your administrator."
        ),
        "passkey": _(
            "This passkey does not open an account here: it was removed, or the page stood open for too long. "
            "Try again, or use another way."
        ),
    }

    def encrypt(self, text: str) -> str:
        return b64encode(sealing.encrypt(sealing.account_cipher("factor"), text.encode(), _BOUND)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            sealed = b64decode(encrypted_text, validate=True)
            return sealing.decrypt(sealing.account_cipher("factor"), sealed, _BOUND).decode()
        except (InvalidTag, ValueError) as refused:
            raise FactorUnreadable("A second factor does not open with this accounts.key") from refused

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002 - the library's name
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Passkey") if number == 1 else gettext("Passkey %(number)d") % {"number": number}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "Kalkan"}


def _failed(user: Any, factor: str, reason: str) -> None:
    """Recorded outside any transaction of the caller: forms run before anything is written."""
    record(Event.FACTOR_FAILED, *([user] if user else []), by=None, facts={"factor": factor, "reason": reason})


class _Code(forms.Form):
    """A code of the app, or a recovery code: the same field wherever it is asked."""

    user: User
    authenticator: Authenticator

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["code"] = forms.CharField(
            label=_("Code"),
            help_text=_("Six digits from your authenticator app, or one of your recovery codes."),
            max_length=40,
            widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
        )

    def clean_code(self) -> str:
        code = self.cleaned_data["code"]
        try:
            clear = check_rate_limit(self.user)
        except ValidationError:
            _failed(self.user, "code", "locked")
            raise
        try:
            self.authenticator = use_code(self.user, code)
        except FactorUnreadable as unreadable:
            _failed(self.user, "code", "unreadable")
            raise SealedFactors().validation_error("unreadable") from unreadable
        except ValidationError as refused:
            _failed(self.user, "code", str(refused.code))
            raise
        self.authenticator.user = self.user
        clear()
        return code


class CodeForm(_Code, base.AuthenticateForm):
    """The second step of signing in."""


class ConfirmCodeForm(_Code, base.ReauthenticateForm):
    """Confirming who it is before something sensitive."""

    def save(self) -> None:
        super().save()
        record(Event.CONFIRMED, self.user, by=self.user, facts={"by": self.authenticator.type})


class SetUpAppForm(ActivateTOTPForm):
    """The first code of a new app proves that it was set up."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["code"] = forms.CharField(
            label=_("Code that the app shows"),
            max_length=10,
            widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric"}),
        )

    def clean_code(self) -> str:
        try:
            code = super().clean_code()
        except ValidationError as refused:
            _failed(self.user, "totp", str(refused.code))
            raise
        context.request.session[STEP_SET] = _step(self.secret, code)
        return code


class _Passkey:
    """A browser's answer with a passkey. Whatever is wrong with it is one refusal, recorded."""

    user: Any
    cleaned_data: dict[str, Any]

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, struct.error) as unreadable:
            _failed(self.user, "webauthn", "unreadable")
            raise SealedFactors().validation_error("passkey") from unreadable
        except ValidationError as refused:
            is_locked = refused.code == "too_many_login_attempts"
            _failed(self.user, "webauthn", "locked" if is_locked else "unknown")
            if is_locked:
                raise
            raise SealedFactors().validation_error("passkey") from refused


class PasskeyForm(_Passkey, webauthn.AuthenticateWebAuthnForm):
    """The second step of signing in, with a passkey."""


class PasskeyLoginForm(_Passkey, webauthn.LoginWebAuthnForm):
    """Signing in with a passkey alone: it is something one has, opened by something one is or knows."""


class ConfirmPasskeyForm(_Passkey, webauthn.ReauthenticateWebAuthnForm):
    """Confirming who it is with a passkey."""


class AddPasskeyForm(webauthn._BaseAddWebAuthnForm):
    """A new passkey, with a name to know it by."""

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(
            label=_("Name of the passkey"),
            help_text=_("For example the telephone or the key that holds it."),
            max_length=60,
            required=False,
        )

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except (ValueError, TypeError, KeyError, AttributeError, IndexError, struct.error) as unreadable:
            _failed(self.user, "webauthn", "unreadable")
            raise SealedFactors().validation_error("passkey") from unreadable
        except ValidationError as refused:
            _failed(self.user, "webauthn", "unknown")
            raise SealedFactors().validation_error("passkey") from refused


class RenamePasskeyForm(webauthn.EditWebAuthnForm):
    """Another name for a passkey."""

    name = forms.CharField(label=_("Name of the passkey"), max_length=60)
