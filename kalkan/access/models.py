"""Institutions and the people who work in them."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID, uuid4

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kalkan.access import browsers
from kalkan.access.roles import MATRIX, InstitutionKind, Permission, Role, Scope
from kalkan.vocabulary.language import said


class Institution(models.Model):
    """A body that works in the response; without a province it works for the whole country."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    code = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=20, choices=InstitutionKind.choices)
    name_tr = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    province = models.ForeignKey(
        "vocabulary.Province", null=True, blank=True, to_field="code", on_delete=models.PROTECT, related_name="+"
    )
    is_active = models.BooleanField(default=True)
    is_invented = models.BooleanField(default=False, help_text="Part of the demonstration")

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="shelter_tells_no_place",
                condition=~Q(kind=InstitutionKind.SHELTER) | Q(province=None, name_tr=F("code"), name_en=F("code")),
            ),
        ]

    def __str__(self) -> str:
        """How everybody speaks of it. A shelter has no name there, because a name leads to a place."""
        if self.kind == InstitutionKind.SHELTER:
            return f"{InstitutionKind.SHELTER.label} {self.code}"
        return self.name

    @property
    def name(self) -> str:
        """The name in the active language; of a shelter its code, see `ShelterPlace`."""
        return said(self, "name")


class ShelterPlace(models.Model):
    """Where a shelter is: in a table of its own, whose row policy shows it to those alone who may know.

    Its name stands here too, because a name leads to a place. Pages ask `access.sensitivity.name_for`.
    """

    institution = models.OneToOneField(Institution, on_delete=models.PROTECT, related_name="place")
    name_tr = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200)
    province = models.ForeignKey("vocabulary.Province", to_field="code", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.institution)

    @property
    def name(self) -> str:
        """The name in the active language."""
        return said(self, "name")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """One person at one institution with one role. Accounts are never shared and never deleted, only closed."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    email = models.EmailField(_("Work e-mail"), unique=True)
    full_name = models.CharField(_("Full name"), max_length=150)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="users")
    role = models.CharField(_("Role"), max_length=30, choices=Role.choices)
    language = models.CharField(
        _("Language"), max_length=5, default="tr", choices=[("tr", "Türkçe"), ("en", "English")]
    )
    is_active = models.BooleanField(default=True)
    is_invented = models.BooleanField(default=False, help_text="Part of the demonstration")
    joined_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)
    request_key = models.UUIDField(null=True, unique=True)

    # What `policy` found open when it last asked: the log names the emergency in every event on its subject.
    open_emergencies: tuple["Emergency", ...] = ()

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS = []
    objects = UserManager()

    class Meta:
        ordering = ["email"]
        verbose_name = _("account")
        constraints = [
            models.CheckConstraint(name="user_has_a_known_role", condition=models.Q(role__in=Role.values)),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def scope(self) -> Scope:
        """Whose rows this user can see.

        A provincial role seated at the migration authority's centre sees the nation; at any other body without a
        province it sees the rows of that body only.
        """
        scope, _permissions = MATRIX[Role(self.role)]
        if scope is Scope.PROVINCE and self.institution.province_id is None:
            is_centre = self.institution.kind == InstitutionKind.MIGRATION_CENTRE
            return Scope.NATION if is_centre else Scope.INSTITUTION
        return scope

    @property
    def permissions(self) -> frozenset[Permission]:
        return MATRIX[Role(self.role)][1]

    def emergencies_on(self, subjects: Iterable[UUID]) -> list[UUID]:
        """References of the open emergencies that show this user one of `subjects`."""
        named = set(subjects)
        return [one.reference for one in self.open_emergencies if named & {one.person, one.case}]


class Emergency(models.Model):
    """A person, or a case with its person, opened to one user beyond their reach for a stated ground and a short time.

    It shows and reveals; it lets nothing be changed. Holds codes and references only: whoever reviews it may not read
    a narrative. A trigger keeps everything but its end and its review as it was, and keeps the row.
    """

    class Verdict(models.TextChoices):
        JUSTIFIED = "justified", _("Justified")
        NOT_JUSTIFIED = "not_justified", _("Not justified")

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    person = models.UUIDField(help_text="Reference of the person opened")
    case = models.UUIDField(null=True, help_text="Reference of the case opened; null where only the person is")
    named = models.CharField(max_length=20, help_text="How people speak of it: case number, or short reference")
    ground = models.CharField(max_length=40, help_text="code list `emergency_ground`")
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    ends_at = models.DateTimeField(help_text="The moment from which it shows nothing any more")
    ended_at = models.DateTimeField(null=True, help_text="Where the user ended it before its time")
    review_due_on = models.DateField()
    reviewed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=15, choices=Verdict.choices, blank=True)
    finding = models.CharField(max_length=40, blank=True, help_text="code list `emergency_finding`")
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        ordering = ["-opened_at", "-id"]
        verbose_name = _("emergency")
        constraints = [
            models.CheckConstraint(name="emergency_ends_after_it_opens", condition=Q(ends_at__gt=F("opened_at"))),
            models.CheckConstraint(
                name="emergency_is_ended_within_its_time",
                condition=Q(ended_at=None) | Q(ended_at__gte=F("opened_at"), ended_at__lte=F("ends_at")),
            ),
            models.CheckConstraint(
                name="emergency_is_not_reviewed_by_its_user",
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("user")),
            ),
            models.CheckConstraint(
                name="emergency_review_is_whole",
                condition=Q(reviewed_by=None, reviewed_at=None, verdict="", finding="")
                | (Q(reviewed_by__isnull=False, reviewed_at__isnull=False) & ~Q(verdict="") & ~Q(finding="")),
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-ends_at"], name="emergency_user_ends"),
            models.Index(fields=["review_due_on"], condition=Q(reviewed_by=None), name="emergency_to_review"),
        ]

    def __str__(self) -> str:
        return str(self.reference)

    @property
    def closed_at(self) -> datetime:
        """The moment at which it ended or will end."""
        return self.ended_at or self.ends_at

    @property
    def is_open(self) -> bool:
        """True while it shows its subject."""
        return self.opened_at <= timezone.now() < self.closed_at

    @property
    def is_overdue(self) -> bool:
        """True where nobody reviewed it in time."""
        return self.reviewed_by_id is None and self.review_due_on < timezone.localdate()


class Session(AbstractBaseSession):
    """One browser signed in to one account; before sign-in the account is open. What it holds is sealed, its key is
    a digest of the cookie: see `access.sessions`.
    """

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="sessions")
    begun_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True, help_text="The last click, to the minute")
    browser = models.CharField(max_length=40, blank=True, help_text="Family of browser and system, without versions")
    second_factor = models.CharField(max_length=20, blank=True, help_text="How it was proved; empty: it was not")

    class Meta:
        ordering = ["-seen_at"]
        constraints = [
            models.CheckConstraint(
                name="signed_in_session_has_a_beginning",
                condition=models.Q(user__isnull=True)
                | models.Q(begun_at__isnull=False, seen_at__isnull=False, seen_at__gte=models.F("begun_at")),
            )
        ]

    @property
    def browser_words(self) -> str:
        return str(browsers.words(self.browser))


class Invitation(models.Model):
    """A one-time link with which the owner of an account sets password and second factor. Only its digest is kept."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations")
    secret = models.CharField(max_length=64, help_text="Digest of what the link carries")
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True, help_text="A newer invitation took its place")

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                name="invitation_expires_after_it_was_made", condition=models.Q(expires_at__gt=models.F("made_at"))
            ),
            models.CheckConstraint(
                name="invitation_is_used_or_withdrawn",
                condition=models.Q(used_at__isnull=True) | models.Q(withdrawn_at__isnull=True),
            ),
            models.UniqueConstraint(
                fields=["user"],
                name="account_has_one_open_invitation",
                condition=models.Q(used_at__isnull=True, withdrawn_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return str(self.reference)


class Leave(models.Model):
    """Days, both included, on which the owner of an account is away: nobody signs in to it then."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="leaves")
    first_on = models.DateField()
    last_on = models.DateField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, help_text="Back early, or marked in error")
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        ordering = ["-first_on"]
        constraints = [
            models.CheckConstraint(
                name="leave_ends_after_it_begins", condition=models.Q(last_on__gte=models.F("first_on"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_on} – {self.last_on}"
