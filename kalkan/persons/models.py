"""The identity vault. Plain columns never tell who a person is; ciphertext columns do, under the person's own key."""

from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Precision(models.TextChoices):
    """How much of a date is known."""

    DAY = "day", _("exact day")
    MONTH = "month", _("month and year")
    YEAR = "year", _("year only")
    ABOUT = "about", _("about this year")


class Majority(models.TextChoices):
    """Whether the person is a child; while age is in doubt a child is presumed."""

    ADULT = "adult", _("Adult")
    CHILD = "child", _("Child")
    PRESUMED_CHILD = "presumed_child", _("Presumed child (age in doubt)")
    UNKNOWN = "unknown", _("Unknown")


class Person(models.Model):
    """A person protected, spoken of everywhere by reference. The identity lies in the rows that point here."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    sex = models.CharField(max_length=20, default="unknown", help_text="code list `sex`")
    gender = models.CharField(max_length=40, blank=True, help_text="code list `gender`")
    majority = models.CharField(max_length=20, choices=Majority.choices, default=Majority.UNKNOWN)
    is_age_in_doubt = models.BooleanField(default=False)
    age_band = models.CharField(max_length=20, default="unknown", help_text="code list `age_band`, when recorded")
    citizenships = ArrayField(models.CharField(max_length=3), default=list, blank=True, help_text="ISO 3166-1 alpha-2")
    statelessness = models.CharField(max_length=20, blank=True, help_text="code list `statelessness`")
    languages = ArrayField(models.CharField(max_length=8), default=list, blank=True, help_text="ISO 639")
    needs_interpreter = models.BooleanField(null=True)
    may_be_called = models.BooleanField(null=True, help_text="Safe contact: may we call at all")
    contact_rule = models.CharField(max_length=40, blank=True, help_text="code list `safe_contact`")
    wrapped_key = models.BinaryField(
        null=True, help_text="The person's data key, wrapped; null until something is sealed"
    )
    key_version = models.PositiveIntegerField(
        null=True, help_text="Version of the key-encryption key that wraps it; stays when the key is dropped (erased)"
    )
    birth = models.BinaryField(null=True, help_text="Sealed: date of birth with its precision")
    blind_keys = ArrayField(models.BigIntegerField(), default=list, blank=True)
    blind_version = models.PositiveIntegerField(
        default=1, db_default=1, help_text="Version of the blind key that made blind_keys"
    )
    erased_at = models.DateTimeField(null=True, editable=False, help_text="When the identity was erased everywhere")
    source = models.CharField(max_length=40, default="kalkan")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    met_on = models.DateField(default=timezone.localdate, help_text="The day for which age and minority are reckoned")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1)
    request_key = models.UUIDField(null=True, unique=True, help_text="Idempotency key of the form that made the row")

    class Meta:
        indexes = [GinIndex(fields=["blind_keys"], name="person_blind_keys", fastupdate=False)]
        constraints = [
            models.CheckConstraint(
                name="wrapped_key_has_a_version",
                condition=Q(wrapped_key=None) | Q(key_version__isnull=False),
            ),
            models.CheckConstraint(
                name="erased_person_keeps_nothing_to_open",
                condition=Q(erased_at=None) | Q(wrapped_key=None, birth=None, blind_keys=[]),
            ),
        ]

    def __str__(self) -> str:
        return str(self.reference)

    @property
    def short_reference(self) -> str:
        """How people speak of a person whose name is nobody's business."""
        return self.reference.hex[:8].upper()

    @property
    def is_erased(self) -> bool:
        """True where the data key was dropped: nobody can open what was sealed under it."""
        return self.erased_at is not None or (self.key_version is not None and self.wrapped_key is None)

    @property
    def is_child(self) -> bool:
        """True where the rules for children apply, presumed minority included."""
        return self.majority in {Majority.CHILD, Majority.PRESUMED_CHILD}


class Holding(models.Model):
    """An institution or a province to whose work a person belongs: the reach of `policy.persons.visible`."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="holdings")
    institution = models.ForeignKey("access.Institution", on_delete=models.PROTECT, related_name="+")
    province = models.ForeignKey(
        "vocabulary.Province", null=True, to_field="code", on_delete=models.PROTECT, related_name="+"
    )
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "institution", "province"],
                name="person_is_held_once_by_an_institution",
                nulls_distinct=False,
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "person"], name="holding_institution"),
            models.Index(fields=["province", "person"], name="holding_province"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.institution_id}"


class PersonName(models.Model):
    """One name, as given and in Latin script, sealed."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="names")
    kind = models.CharField(max_length=20, default="given", help_text="code list `name_kind`")
    sealed = models.BinaryField(help_text="Sealed: given, family, script, Latin form")

    def __str__(self) -> str:
        return f"name of {self.person_id}"


class IdentityDocument(models.Model):
    """One passport, identity card or other paper, its number sealed."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="documents")
    kind = models.CharField(max_length=40, help_text="code list `document_kind`")
    country = models.CharField(max_length=3, blank=True)
    status = models.CharField(max_length=40, blank=True, help_text="code list `document_status`")
    expires_on = models.DateField(null=True, blank=True)
    sealed = models.BinaryField(help_text="Sealed: number")

    def __str__(self) -> str:
        return f"document of {self.person_id}"


class ContactPoint(models.Model):
    """One way to reach the person, and how it is safe to use it."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="contact_points")
    kind = models.CharField(max_length=20, help_text="code list `contact_kind`")
    is_safe = models.BooleanField(null=True)
    sealed = models.BinaryField(help_text="Sealed: value, when to call, what to say")

    def __str__(self) -> str:
        return f"contact of {self.person_id}"


class SealedText(models.Model):
    """Free text about a person (a narrative, grounds, a note), sealed under that person's key.

    Other rooms point here instead of holding text, so that erasing the key erases what was written too.
    """

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="texts")
    topic = models.CharField(max_length=40)
    sealed = models.BinaryField()
    written_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now, editable=False)

    def __str__(self) -> str:
        return f"{self.topic} {self.reference}"


class Consent(models.Model):
    """What the person allowed: purpose × recipient × categories, in their language, until it ends or is withdrawn."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=40, help_text="code list `consent_purpose`")
    recipient = models.ForeignKey("access.Institution", on_delete=models.PROTECT, related_name="+")
    categories = ArrayField(models.CharField(max_length=40), help_text="code list `data_category`")
    language = models.CharField(max_length=8, help_text="Language in which it was explained")
    given_how = models.CharField(max_length=40, help_text="code list `consent_form`")
    guardian_agreed = models.BooleanField(null=True, help_text="For a child")
    given_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now, editable=False)
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        ordering = ["-given_on", "-id"]
        constraints = [
            models.CheckConstraint(
                name="consent_ends_after_it_is_given", condition=Q(expires_on=None) | Q(expires_on__gte=F("given_on"))
            ),
            models.CheckConstraint(name="consent_names_a_category", condition=Q(categories__len__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.reference}"


class KeyFingerprint(models.Model):
    """What a key file of this database must look like: a lost or exchanged key is noticed at its first use."""

    name = models.CharField(max_length=40, primary_key=True)
    fingerprint = models.CharField(max_length=16)
    retired_at = models.DateTimeField(null=True, help_text="When its file was destroyed; no row may use it again")

    def __str__(self) -> str:
        return self.name


class KeyRotation(models.Model):
    """One change of a key, row by row. The rows themselves say how far it is: a killed one simply goes on."""

    class Kind(models.TextChoices):
        VAULT = "vault", _("Key-encryption key")
        BLIND = "blind", _("Blind key")

    kind = models.CharField(max_length=10, choices=Kind.choices)
    version = models.PositiveIntegerField()
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind"], condition=Q(finished_at=None), name="one_rotation_at_a_time"),
            models.UniqueConstraint(fields=["kind", "version"], name="version_is_rotated_to_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.version}"


class LegalHold(models.Model):
    """What is recorded of a person must not be destroyed: a court, a prosecutor or an audit still needs it.

    Names the person by reference, like everything that outlives the person's rows.
    """

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    person = models.UUIDField(help_text="Reference of the person")
    reason = models.CharField(max_length=40, help_text="code list `hold_reason`")
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now, editable=False)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "reason"], condition=Q(lifted_at=None), name="hold_stands_once_for_a_reason"
            ),
            models.CheckConstraint(
                name="hold_is_lifted_by_somebody",
                condition=Q(lifted_at=None, lifted_by=None) | Q(lifted_at__isnull=False, lifted_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.reference)


class Erasure(models.Model):
    """The request to erase a person, and the proof that it was done: counts and references, never an identity."""

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    person = models.UUIDField(help_text="Reference of the person")
    ground = models.CharField(max_length=60, help_text="code of the provision that allows it")
    rule = models.CharField(max_length=60, blank=True, help_text="Retention rule that asked for it, if no person did")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now, editable=False)
    withdrawn_at = models.DateTimeField(null=True)
    carried_out_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    carried_out_at = models.DateTimeField(null=True)
    removed = models.JSONField(default=dict, help_text="What was removed: kind and number")
    kept = models.JSONField(default=dict, help_text="What stays: kind, number and the provision that asks for it")
    proof = models.CharField(max_length=64, blank=True, help_text="SHA-256 of what was done, as in the ledger")
    reapplied_at = models.DateTimeField(null=True, help_text="When it was done again on a restored backup")
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(carried_out_at=None, withdrawn_at=None), name="erasure_is_asked_once"
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(carried_out_at__isnull=False), name="person_is_erased_once"
            ),
            models.CheckConstraint(
                name="erasure_needs_two_hands_or_a_rule",
                condition=Q(carried_out_at=None)
                | ~Q(rule="")
                | (Q(requested_by__isnull=False, carried_out_by__isnull=False) & ~Q(requested_by=F("carried_out_by"))),
            ),
            models.CheckConstraint(
                name="carried_out_erasure_has_a_proof", condition=Q(carried_out_at=None) | ~Q(proof="")
            ),
            models.CheckConstraint(
                name="withdrawn_erasure_is_not_carried_out", condition=Q(carried_out_at=None) | Q(withdrawn_at=None)
            ),
        ]

    def __str__(self) -> str:
        return str(self.reference)

    @property
    def short_person(self) -> str:
        """How the person was spoken of."""
        return self.person.hex[:8].upper()


class PossibleSame(models.Model):
    """Two persons who may be one: found when recorded, judged by a person, reversible."""

    class Verdict(models.TextChoices):
        OPEN = "open", _("To be judged")
        SAME = "same", _("Same person")
        DIFFERENT = "different", _("Different persons")

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="possible_same")
    other = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    score = models.FloatField()
    reasons = models.JSONField(default=list, help_text="Codes of what agrees, never the values")
    verdict = models.CharField(max_length=10, choices=Verdict.choices, default=Verdict.OPEN)
    judged_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    judged_at = models.DateTimeField(null=True)
    found_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "other"], name="pair_is_found_once"),
            models.CheckConstraint(name="person_is_not_paired_with_self", condition=~Q(person=F("other"))),
        ]

    def __str__(self) -> str:
        return str(self.reference)


class Attachment(models.Model):
    """That there is a file about a person, and of what kind; other rooms point here. The file is `AttachmentContent`.

    A removed one keeps its row: that there was a file, who took it away and why. The file itself is gone.
    """

    reference = models.UUIDField(default=uuid4, unique=True, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="attachments")
    kind = models.CharField(max_length=40, help_text="code list `attachment_kind`")
    media_type = models.CharField(max_length=100, help_text="By content, never as declared")
    size = models.PositiveIntegerField(help_text="Bytes, as kept")
    is_scanned = models.BooleanField(help_text="Whether a scanner found nothing; false where none was configured")
    attached_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    attached_at = models.DateTimeField(default=timezone.now, editable=False)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True)
    removal_reason = models.CharField(max_length=40, blank=True, help_text="code list `attachment_removal`")
    request_key = models.UUIDField(null=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="attachment_is_removed_for_a_reason",
                condition=Q(removed_at=None, removed_by=None, removal_reason="")
                | (Q(removed_at__isnull=False) & ~Q(removal_reason="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class AttachmentContent(models.Model):
    """A file, cleaned and sealed under its person's key like its name: a row for those who may reveal.

    The database drops it when the attachment is removed, and lets none be without the other.
    """

    attachment = models.OneToOneField(Attachment, primary_key=True, on_delete=models.CASCADE, related_name="content")
    sealed_name = models.BinaryField(help_text="Sealed: name of the file")
    sealed = models.BinaryField(help_text="Sealed: the file")

    def __str__(self) -> str:
        return f"content of {self.attachment_id}"
