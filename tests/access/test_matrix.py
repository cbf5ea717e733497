"""Role by permission and scope by place, cell by cell, against tables written by hand."""

import pytest
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404
from django.test import Client

from kalkan.access import policy
from kalkan.access.documents import permissions
from kalkan.access.models import User
from kalkan.access.policy import Rows, by_place
from kalkan.access.roles import MATRIX, SEATS, InstitutionKind, Permission, Role, Scope
from kalkan.persons.models import Holding
from tests.factories import make_institution, make_person, make_user

# Columns in the order of `Role`: operator, frontline, expert, decider, protection, shelter, partner, central unit,
# secretariat, focal point, analyst, data protection officer, administrator, document expert.
EXPECTED = {
    "access:account:manage": "............x.",
    "access:matrix:view": "xxxxxxxxxxxxxx",
    "audit:event:view": "...........x..",
    "access:emergency:open": "xxxxx.........",
    "access:emergency:watch": "...x...x......",
    "access:emergency:review": "...........x..",
    "audit:report:make": "...........x..",
    "vocabulary:code:manage": ".......x......",
    "vocabulary:code:view": "xxxxxxxxxxxxxx",
    "persons:person:view": "xxxxxxxx......",
    "persons:identity:reveal": "xxxxx.........",
    "persons:person:search": "xxxxx.........",
    "persons:person:edit": "xxx.x.........",
    "persons:consent:record": "xxx.x.........",
    "persons:match:judge": ".......x......",
    "persons:person:erase": ".......x...x..",
    "persons:hold:set": "...........x..",
    "access:shelter:locate": "....xx........",
    "cases:case:view": "xxxxxxxx......",
    "cases:case:screen": "xxx...........",
    "cases:case:refer": "xxx...........",
    "cases:case:identify": "..x...........",
    "cases:case:decide": "...x..........",
    "cases:case:protect": "....x.........",
    "cases:case:assign": "..xx..........",
    "cases:case:oversee": ".......xx.....",
    "assistance:pathway:work": "xxx.x.........",
    "assistance:paper:check": "xxx.x.........",
    "assistance:paper:examine": ".............x",
    "assistance:directory:view": "xxxxxxxxxxxxxx",
    "assistance:directory:manage": "....xxxx......",
    "assistance:referral:view": "xxxxxxxx......",
    "assistance:referral:send": "xxx.x.........",
    "assistance:referral:answer": "xxx.xxx.......",
    "assistance:programme:work": "....x.........",
    "assistance:programme:approve": "...x..........",
    "assistance:care:view": "....x.........",
    "assistance:stay:request": "....x.........",
    "assistance:stay:manage": ".....x........",
    "assistance:occupancy:view": "....xx.x......",
    "assistance:permit:request": "....x.........",
    "assistance:permit:decide": "...x..........",
    "assistance:return:plan": "....x.........",
    "assistance:return:approve": "...x..........",
    "assistance:gate:ask": ".xxxx.........",
    "assistance:document:make": ".xxxx.........",
    "exchange:import:run": ".......x......",
    "exchange:export:run": "..xxx..xx.xx..",
    "statistics:province:view": "..xxx..xxxx...",
    "statistics:national:view": ".......xx.x...",
    "statistics:snapshot:freeze": ".......x......",
}
SCOPES = dict(
    zip(
        Role,
        ["institution"] * 2 + ["province"] * 3 + ["institution"] * 2 + ["nation"] + ["none"] * 5 + ["institution"],
        strict=True,
    )
)


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("permission", list(Permission))
def test_a_role_holds_exactly_what_the_table_says(role: Role, permission: Permission) -> None:
    expected = EXPECTED[permission.value][list(Role).index(role)] == "x"
    assert (permission in MATRIX[role][1]) is expected


@pytest.mark.parametrize("role", list(Role))
def test_a_role_has_the_scope_of_the_table_and_a_seat(role: Role) -> None:
    assert MATRIX[role][0] == SCOPES[role]
    assert SEATS[role]


def test_nobody_who_identifies_also_decides() -> None:
    for role in Role:
        held = MATRIX[role][1]
        assert not {Permission.CASES_IDENTIFY, Permission.CASES_DECIDE} <= held
        assert not {Permission.ACCOUNTS_MANAGE, Permission.PERSONS_VIEW} <= held
        assert not {Permission.AUDIT_VIEW, Permission.PERSONS_VIEW} <= held


@pytest.mark.parametrize("role", [Role.IDENTIFICATION_EXPERT, Role.DECIDING_OFFICER, Role.PROTECTION_OFFICER])
def test_only_the_migration_authority_identifies_decides_and_protects(role: Role) -> None:
    assert SEATS[role] == {InstitutionKind.MIGRATION_CENTRE, InstitutionKind.MIGRATION_PROVINCE}


# Rows: one of the own institution, of another one in the own province, of another province, and one of the own
# institution in another province. `x`: the row exists for the user.
PLACES = {
    (Scope.INSTITUTION, "TR-06"): "x..x",
    (Scope.PROVINCE, "TR-06"): "xx.x",
    (Scope.NATION, "TR-06"): "xxxx",
    (Scope.NONE, "TR-06"): "....",
    (Scope.PROVINCE, None): "xxxx",
}


def _role_with(scope: Scope) -> Role:
    return next(role for role in Role if MATRIX[role][0] is scope)


@pytest.mark.django_db
@pytest.mark.parametrize(("scope", "seat"), PLACES)
@pytest.mark.parametrize("row", range(4))
def test_a_row_exists_for_a_user_as_the_place_says(scope: Scope, seat: str | None, row: int) -> None:
    kind = InstitutionKind.MIGRATION_CENTRE if seat is None else InstitutionKind.MIGRATION_PROVINCE
    own = make_institution(kind=kind, province=seat)
    user = make_user(_role_with(scope), own)
    other = make_institution(kind=InstitutionKind.POLICE, province="TR-06")
    institution, province = [(own, "TR-06"), (other, "TR-06"), (other, "TR-34"), (own, "TR-34")][row]
    held = Holding.objects.create(person=make_person(), institution=institution, province_id=province)

    found = Holding.objects.filter(by_place(user, institution="institution", province="province"), pk=held.pk)

    assert found.exists() is (PLACES[scope, seat][row] == "x")


@pytest.mark.django_db
def test_a_provincial_role_without_a_province_sees_its_own_body_only_unless_it_is_the_centre() -> None:
    police = make_user(Role.PROTECTION_OFFICER, make_institution(kind=InstitutionKind.POLICE, province=None))

    assert police.scope is Scope.INSTITUTION


@pytest.mark.django_db
@pytest.mark.parametrize("is_active", [True, False])
@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.ANALYST])
def test_without_the_permission_or_with_a_closed_account_a_table_is_empty(role: Role, is_active: bool) -> None:
    user = make_user(role, is_active=is_active)

    assert policy.accounts.visible(user).exists() is (role is Role.ADMINISTRATOR and is_active)


@pytest.mark.django_db
def test_a_row_that_is_not_visible_cannot_be_told_from_one_that_is_not_there() -> None:
    administrator, stranger = make_user(Role.ADMINISTRATOR), make_user()
    rows: Rows[User] = policy.accounts

    for reference in (stranger.reference, "00000000-0000-0000-0000-000000000000", "not a reference"):
        with pytest.raises(Http404):
            rows.fetch(administrator, reference=reference)


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_everyone_who_signed_in_sees_the_matrix(role: Role) -> None:
    client = Client()
    client.force_login(make_user(role))

    page = client.get("/access/permissions/", secure=True).content.decode()

    assert all(permission.value in page for permission in Permission)
    assert page.count("#check") == sum(len(held) for _scope, held in MATRIX.values())


def test_an_anonymous_user_holds_nothing() -> None:
    assert policy.has(AnonymousUser(), Permission.MATRIX_VIEW) is False  # type: ignore[arg-type]


def test_the_document_of_permissions_is_current() -> None:
    """Mend with `kalkan access document`."""
    assert (settings.ROOT / "docs/permissions.md").read_text(encoding="utf-8") == permissions()
