"""Making, changing and closing accounts; loading the institutions to start from."""

import csv
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kalkan.access import policy, signed_in
from kalkan.access.concurrency import already_made, claim
from kalkan.access.models import Institution, ShelterPlace, User
from kalkan.access.roles import SEATS, InstitutionKind, Permission, Role
from kalkan.audit.events import Event
from kalkan.audit.services import record


class AccountRefused(Exception):
    """An account cannot be as asked. Carries the field to mend and a sentence that says how."""

    def __init__(self, field: str, message: str | Promise):
        super().__init__(str(message))
        self.field, self.message = field, str(message)


@transaction.atomic
def create_user(
    email: str,
    *,
    full_name: str,
    role: Role | str,
    institution: Institution,
    by: User | None,
    password: str | None = None,
    language: str = "tr",
    is_invented: bool = False,
    request_key: UUID | None = None,
) -> User:
    """A new account; `by` is an administrator, or None for the system itself (the first account, the demonstration).

    Without a password the account waits for its owner, who sets one through an invitation.

    Raises AccountRefused if the address is taken or the role has no seat at that institution.
    """
    if by is not None:
        policy.accounts.require(by, Permission.ACCOUNTS_MANAGE)
        _require_seat_for(by, institution)
        made = already_made(policy.accounts.visible(by), request_key)
        if made is not None:
            return made
    _require_seat(role, institution)
    if User.objects.filter(email=email.lower()).exists():
        raise AccountRefused("email", _("An account with this address exists already."))

    user = User.objects.create_user(
        email,
        password,
        full_name=full_name,
        role=role,
        institution=institution,
        language=language,
        is_invented=is_invented,
        request_key=request_key,
    )
    _record(user, "create", by=by, role=str(role), institution=institution.code)
    return user


@transaction.atomic
def change_role(
    reference: UUID, *, role: Role | str, by: User, version: int, institution: Institution | None = None
) -> User:
    """Another duty, at the same institution or another. It holds from the owner's next click.

    Raises AccountRefused for the own account or a role without a seat there, and Changed if the account moved on.
    """
    user = policy.accounts.fetch(by, lock=True, reference=reference)
    policy.accounts.require(by, Permission.ACCOUNTS_MANAGE)
    seat = institution or user.institution
    _require_seat_for(by, seat)
    _require_other(user, by)
    _require_seat(role, seat)
    claim(user, version)

    before = {"role_before": user.role, "institution_before": user.institution.code}
    user.role, user.institution = role, seat
    user.save(update_fields=["role", "institution", "version"])
    _record(user, "role", by=by, role=str(role), institution=seat.code, **before)
    return user


@transaction.atomic
def close_account(reference: UUID, *, by: User, version: int) -> User:
    """End an account: its sessions end and its owner cannot come back. The account stays in the log. What it holds in
    its hands is handed over before, see `web.services.close_account`.

    Raises AccountRefused for the own account, and Changed if the account moved on.
    """
    user = policy.accounts.fetch(by, lock=True, reference=reference)
    policy.accounts.require(by, Permission.ACCOUNTS_MANAGE)
    _require_other(user, by)
    claim(user, version)

    user.is_active = False
    user.save(update_fields=["is_active", "version"])
    _record(user, "close", by=by)
    signed_in.end_all(user, reason="closed", by=by)
    return user


@transaction.atomic
def open_again(reference: UUID, *, by: User, version: int) -> User:
    """Open a closed account. Raises AccountRefused for the own account, and Changed if the account moved on."""
    user = policy.accounts.fetch(by, lock=True, reference=reference)
    policy.accounts.require(by, Permission.ACCOUNTS_MANAGE)
    _require_other(user, by)
    claim(user, version)

    user.is_active = True
    user.save(update_fields=["is_active", "version"])
    _record(user, "open", by=by)
    return user


@transaction.atomic
def load_institutions(path: Path | None = None, *, with_invented: bool = False) -> int:
    """Add the institutions of the file that are not there yet; returns how many. Those there are left as they are:
    from the first day on they belong to the installation. Invented ones only for the demonstration.
    """
    known = set(Institution.objects.values_list("code", flat=True))
    new, places = [], []
    with (path or settings.DATA / "institutions.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["code"] in known or (row["is_invented"] == "yes" and not with_invented):
                continue
            found = Institution(code=row["code"], kind=row["kind"], is_invented=row["is_invented"] == "yes")
            named: Institution | ShelterPlace = found
            if found.kind == InstitutionKind.SHELTER:
                found.name_tr = found.name_en = found.code
                places.append(named := ShelterPlace(institution=found))
            named.name_tr, named.name_en, named.province_id = row["name_tr"], row["name_en"], row["province"] or None
            new.append(found)
    Institution.objects.bulk_create(new)
    ShelterPlace.objects.bulk_create(places)
    if new:
        record(Event.INSTITUTIONS_LOADED, by=None, facts={"added": len(new)})
    return len(new)


def _require_seat(role: Role | str, institution: Institution) -> None:
    if institution.kind not in SEATS[Role(role)]:
        raise AccountRefused("role", _("This role does not exist at that kind of institution."))


def _require_seat_for(by: User, institution: Institution) -> None:
    is_centre = by.institution.kind == InstitutionKind.MIGRATION_CENTRE
    if not is_centre and institution.pk != by.institution_id:
        raise AccountRefused("institution", _("You look after the accounts of your own institution only."))


def _require_other(user: User, by: User) -> None:
    if user.pk == by.pk:
        raise AccountRefused("", _("Nobody changes or closes their own account: ask another administrator."))


def _record(user: User, change: str, *, by: User | None, **facts: str) -> None:
    record(Event.ACCOUNT_CHANGED, user, by=by, facts={"change": change, **facts})
