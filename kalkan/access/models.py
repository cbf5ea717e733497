"""Institutions and the people who work in them."""

from uuid import uuid4

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kalkan.access.roles import MATRIX, Permission, Role, Scope


class InstitutionKind(models.TextChoices):
    MIGRATION_CENTRE = "migration_centre", _("Migration authority, centre")
    MIGRATION_PROVINCE = "migration_province", _("Migration authority, province")
    POLICE = "police", _("Police")
    GENDARMERIE = "gendarmerie", _("Gendarmerie")
    COAST_GUARD = "coast_guard", _("Coast guard")
    MINISTRY = "ministry", _("Ministry")
    JUDICIARY = "judiciary", _("Judiciary")
    MUNICIPALITY = "municipality", _("Municipality")
    NGO = "ngo", _("Non-governmental organisation")
    INTERNATIONAL = "international", _("International organisation")
    SHELTER = "shelter", _("Shelter")
    HELPLINE = "helpline", _("Helpline")


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

    def __str__(self) -> str:
        return self.name_tr if (get_language() or "tr").startswith("tr") else self.name_en


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

    USERNAME_FIELD = EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []
    objects = UserManager()

    class Meta:
        ordering = ["email"]
        constraints = [
            models.CheckConstraint(name="user_has_a_known_role", condition=models.Q(role__in=Role.values)),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def scope(self) -> Scope:
        """Whose rows this user can see: a provincial role seated at the centre sees the nation."""
        scope, _permissions = MATRIX[Role(self.role)]
        if scope is Scope.PROVINCE and self.institution.province_id is None:
            return Scope.NATION
        return scope

    @property
    def permissions(self) -> frozenset[Permission]:
        return MATRIX[Role(self.role)][1]
