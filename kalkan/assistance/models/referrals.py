"""A person handed on to another institution, with what that institution may know and nothing else.

What a CHECK cannot reach, because it looks at another row, is a trigger in migration 0031.
"""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kalkan.assistance.lifecycle.packages import CHILD, LIFE
from kalkan.assistance.lifecycle.referrals import BEGINNING, LIVE, MOVES, Status

_USER = settings.AUTH_USER_MODEL


def _allowed_moves() -> Q:
    allowed = Q(move=BEGINNING, source="", target=Status.SENT)
    for move in MOVES:
        allowed |= Q(move=move.name, source__in=[str(one) for one in move.sources], target=str(move.target))
    return allowed


def _live() -> Q:
    return Q(status__in=[str(one) for one in LIVE])


class Referral(models.Model):
    """One person, one receiver, one kind of help, on one basis. Holds codes only: who it is lies in the package."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    number = models.CharField(max_length=20, unique=True, help_text="How people speak of it; tells nothing")
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="referrals")
    province = models.ForeignKey(
        "vocabulary.Province", null=True, to_field="code", on_delete=models.PROTECT, related_name="+",
        help_text="That of the case when sent: whose authority watches over it",
    )  # fmt: skip
    sender = models.ForeignKey("access.Institution", on_delete=models.PROTECT, related_name="+", db_index=False)
    sent_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now, editable=False)
    receiver = models.ForeignKey("access.Institution", on_delete=models.PROTECT, related_name="+", db_index=False)
    category = models.CharField(max_length=40, help_text="code list `service_category`")
    purpose = models.CharField(max_length=40, help_text="code list `consent_purpose`")
    is_urgent = models.BooleanField(default=False)
    consent = models.ForeignKey("persons.Consent", null=True, on_delete=models.PROTECT, related_name="+")
    provision = models.ForeignKey("vocabulary.Provision", null=True, on_delete=models.PROTECT, related_name="+")
    ground = models.CharField(max_length=10, blank=True, help_text="Whom the provision protects: child or life")
    onward_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="onward")
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.SENT)
    ended_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        verbose_name = _("referral")
        constraints = [
            models.CheckConstraint(
                name="referral_rests_on_consent_or_on_a_provision",
                condition=Q(consent__isnull=False, provision=None, ground="")
                | Q(consent=None, provision__isnull=False, ground__in=[CHILD, LIFE]),
            ),
            models.CheckConstraint(name="referral_goes_to_another_institution", condition=~Q(sender=F("receiver"))),
            models.CheckConstraint(
                name="ended_referral_has_a_moment",
                condition=(_live() & Q(ended_at=None)) | (~_live() & Q(ended_at__isnull=False)),
            ),
            models.UniqueConstraint(
                fields=["case", "receiver", "category"],
                condition=_live(),
                name="person_is_referred_once_for_a_service",
            ),
        ]
        indexes = [
            models.Index(fields=["receiver", "-sent_at"], name="referral_receiver_sent"),
            models.Index(fields=["receiver", "status"], name="referral_receiver_live", condition=_live()),
            models.Index(fields=["sender", "-sent_at"], name="referral_sender_sent"),
            models.Index(fields=["consent"], name="referral_live_consent", condition=_live()),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_live(self) -> bool:
        """True while the receiver works with it, as far as this row tells; whether consent holds is asked apart."""
        return self.status in LIVE


class ReferralMove(models.Model):
    """One step of one referral. The database holds the same table of moves as the code."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="moves")
    move = models.CharField(max_length=20)
    source = models.CharField(max_length=12, blank=True)
    target = models.CharField(max_length=12)
    reason = models.CharField(max_length=40, blank=True, help_text="code list `referral_decline`, `_return` …")
    by = models.ForeignKey(_USER, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="referral_move_is_of_the_table", condition=_allowed_moves()),
            models.UniqueConstraint(fields=["referral"], condition=Q(source=""), name="referral_begins_once"),
        ]

    def __str__(self) -> str:
        return f"{self.move} {self.referral_id}"


class ReferralPackage(models.Model):
    """What the receiver may know, frozen at sending, sealed under the person's key and signed by the installation."""

    referral = models.OneToOneField(Referral, on_delete=models.PROTECT, related_name="package")
    sealed = models.BinaryField(help_text="Sealed: the package as canonical JSON; empty once the person is erased")
    signature = models.BinaryField(help_text="Ed25519, over the canonical JSON")
    key = models.CharField(max_length=16, help_text="Name of the key that signed, see `audit.signing`")

    def __str__(self) -> str:
        return f"package of {self.referral_id}"


class ReferralMessage(models.Model):
    """A question, an answer, a note or the report at the end, sealed under the person's key."""

    class Kind(models.TextChoices):
        QUESTION = "question", _("Question")
        ANSWER = "answer", _("Answer")
        NOTE = "note", _("Note")
        FEEDBACK = "feedback", _("Report on the outcome")

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    sealed = models.BinaryField(help_text="Sealed: the words; empty once the person is erased")
    by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class ReferralCode(models.Model):
    """The one-time code of a sealed letter. Only its digest is kept; checked inside the database (migration 0031)."""

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="codes")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the code")
    made_by = models.ForeignKey(_USER, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0, help_text="Wrong codes given so far")
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True, help_text="A newer letter took its place, or the referral ended")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["referral"],
                condition=Q(used_at=None, withdrawn_at=None),
                name="referral_has_one_open_code",
            ),
            models.CheckConstraint(name="code_expires_after_it_is_made", condition=Q(expires_at__gt=F("made_at"))),
            models.CheckConstraint(name="code_is_used_or_withdrawn", condition=Q(used_at=None) | Q(withdrawn_at=None)),
            models.CheckConstraint(name="code_bears_five_wrong_tries", condition=Q(tries__lte=5)),
        ]

    def __str__(self) -> str:
        return f"code of {self.referral_id}"
