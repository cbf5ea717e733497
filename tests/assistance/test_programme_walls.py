"""What an emergency shows of a programme: what its officer may read at home, no care note, and never to write."""

from contextlib import suppress

import pytest
from django.db import DatabaseError, connection, transaction

from kalkan.access.roles import Role
from kalkan.access.session import acting
from kalkan.assistance.models import CareNote, Goal, Programme
from kalkan.assistance.policy import programmes as policy
from kalkan.audit.models import Channel
from kalkan.cases.emergencies import open_case_in_emergency
from tests.assistance.programmes import begun
from tests.cases.story import Province
from tests.factories import make_institution, make_user
from tests.security.topics.programmes import fill

pytestmark = pytest.mark.django_db


def _rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("role", "kind", "reads"),
    [
        (Role.PROTECTION_OFFICER, "migration_province", True),
        (Role.DECIDING_OFFICER, "migration_province", True),
        (Role.IDENTIFICATION_EXPERT, "migration_province", False),
        (Role.FRONTLINE_OFFICER, "police", False),
    ],
)
def test_an_emergency_shows_a_programme_to_those_who_read_them_and_no_care_note(
    team: Province, role: Role, kind: str, reads: bool
) -> None:
    programme = begun(team)
    Programme.objects.filter(pk=programme.pk).delete()
    fill(programme.case, team.protector)
    officer = make_user(role, make_institution(kind, "TR-35"))
    with acting(Channel.PAGE, officer):
        assert _rows("assistance_programme") == 0
        open_case_in_emergency(programme.case.number, by=officer, ground="medical")
        for table in ("assistance_programme", "assistance_goal", "assistance_needscore", "assistance_legalstep"):
            assert _rows(table) == int(reads), table
        assert policy.programmes.visible(officer).count() == policy.goals.visible(officer).count() == int(reads)
        assert not policy.programmes.own(officer).exists()
        assert _rows("assistance_carenote") == policy.care_notes.visible(officer).count() == 0
    assert CareNote.objects.count() == Goal.objects.count() == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE assistance_programme SET begun_on = begun_on",
        "DELETE FROM assistance_goal",
        "UPDATE assistance_needscore SET level = 0",
        "UPDATE assistance_conferencedecision SET done_on = due_on",
        "INSERT INTO assistance_legalstep (legal_aid_id, step, taken_on) "
        "SELECT id, 'judgment', current_date FROM assistance_legalaid",
    ],
)
def test_what_an_emergency_shows_is_read_and_never_changed(team: Province, statement: str) -> None:
    programme = begun(team)
    Programme.objects.filter(pk=programme.pk).delete()
    fill(programme.case, team.protector)
    officer = make_user(Role.DECIDING_OFFICER, make_institution(province="TR-35"))
    with acting(Channel.PAGE, officer):
        open_case_in_emergency(programme.case.number, by=officer, ground="medical")
        touched = 0
        with suppress(DatabaseError), transaction.atomic(), connection.cursor() as cursor:  # or seen and not touched
            cursor.execute(statement)
            touched = cursor.rowcount
            transaction.set_rollback(True)
        assert touched == 0
