"""What the drill needs from inside the installation: accounts with sessions, and whether everything sealed opens.

`python -m tests.drills.inside prepare|open`, with the environment of the installation; answers JSON.
"""

import json
import os
import sys


def main(what: str) -> None:
    """Set Django up on the installation's database, and answer."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kalkan.config.settings")
    from kalkan.config import database

    database.ensure()
    import django

    django.setup()
    print(json.dumps({"prepare": _prepare, "open": _open}[what]()))


def _prepare() -> dict[str, str]:
    from django.test import Client

    from kalkan.access.roles import Role
    from kalkan.access.sessions import FACTOR
    from tests.factories import make_institution, make_user

    sessions = {}
    for role, kind, province in (
        (Role.FRONTLINE_OFFICER, "police", "TR-06"),
        (Role.CENTRAL_UNIT, "migration_centre", None),
    ):
        client = Client()
        client.force_login(make_user(role, make_institution(kind, province)))
        session = client.session
        session[FACTOR] = "totp"  # as if the officer had typed the code: the drill is not about signing in
        session.save()
        sessions[role.value] = client.cookies["kalkan_session"].value
    return sessions


def _open() -> dict[str, int]:
    """How many identities and files open, and how many events verify; what does not raises."""
    from django.conf import settings

    from kalkan.audit import sealing as log
    from kalkan.audit import signing, verifying
    from kalkan.persons import sealing, services
    from kalkan.persons.models import Attachment, Person

    people = [services.identity_of(person) for person in Person.objects.filter(source="kalkan")]
    files = [sealing.read_file(one) for one in Attachment.objects.all()]
    assert all(person.names for person in people)
    assert all(content for _name, content in files)
    log.seal()
    report = verifying.verify(signing.known_keys(), kept=signing.read_lines(settings.AUDIT_HEADS))
    assert report.is_whole, report
    return {"persons_opened": len(people), "files_opened": len(files), "events_verified": report.sealed}


if __name__ == "__main__":
    main(sys.argv[1])
