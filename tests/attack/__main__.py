"""`python -m tests.attack --requests 20000`: the whole campaign on a database of its own, counts as JSON."""

import argparse
import json
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.attack.campaign import Findings

os.environ.setdefault("HTTPS", "0")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kalkan.config.settings")


def main() -> int:
    """Exit status 1 if anything was found; what, on standard error."""
    parser = argparse.ArgumentParser(prog="python -m tests.attack", description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    wanted = parser.parse_args().requests
    import django

    from tests import postgres  # starts the suite's PostgreSQL, before Django

    django.setup()
    import logging

    from django.core.management import call_command
    from django.db import transaction
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    from tests import loaded
    from tests.attack import campaign, ground

    logging.disable(logging.CRITICAL)
    setup_test_environment(debug=False)
    databases = setup_databases(verbosity=0, interactive=False)
    try:
        loaded.prepare_statics()
        call_command("collectstatic", interactive=False, verbosity=0)
        loaded.load()
        with transaction.atomic():
            findings = campaign.attack(ground.make(), requests=wanted, tell=_tell)
            transaction.set_rollback(True)
    finally:
        teardown_databases(databases, verbosity=0)
        postgres.pytest_unconfigure(None)
    print(json.dumps(findings.counts(), indent=2))
    return 0 if findings.is_clean else 1


def _tell(findings: "Findings") -> None:
    """How it goes, and what is new, for whoever waits."""
    print(json.dumps(findings.counts()), file=sys.stderr)
    for kind, what in list(findings.said.items())[len(_told) :]:
        _told.append(kind)
        print(f"--- {kind}\n{what}\n", file=sys.stderr, flush=True)


_told: list[str] = []


if __name__ == "__main__":
    sys.exit(main())
