"""Institutions and the people who work in them."""

from uuid import uuid4

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kalkan.access.roles import MATRIX, InstitutionKind, Permission, Role, Scope


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
    version = models.PositiveIntegerField(default=1)
    request_key = models.UUIDField(null=True, unique=True)

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
