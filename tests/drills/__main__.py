"""`python -m tests.drills --writes 200`: kill -9 of web server, worker and PostgreSQL; counts as JSON."""

import argparse
import json
import sys

from tests.config.installation import installed
from tests.drills.drill import Drill

VICTIMS = ("web", "worker", "postgres")


def main() -> int:
    """Exit status 1 if anything acknowledged is lost or anything is half there."""
    parser = argparse.ArgumentParser(prog="python -m tests.drills", description=__doc__)
    parser.add_argument("--writes", type=int, default=200, help="for each victim")
    parser.add_argument("--kills", type=int, default=5, help="for each victim")
    parser.add_argument("--seed", type=int, default=157)
    parser.add_argument("--only", choices=VICTIMS)
    given = parser.parse_args()
    outcomes = []
    for number, victim in enumerate(VICTIMS):
        if given.only not in {None, victim}:
            continue
        with installed() as installation:
            drill = Drill(installation, victim, writes=given.writes, kills=given.kills, seed=given.seed + number)
            outcomes.append(drill.run())
    print(json.dumps([outcome.counts() for outcome in outcomes], indent=2))
    for outcome in outcomes:
        print(*outcome.lost, sep="\n", file=sys.stderr)
    return 0 if all(outcome.is_clean for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
