"""Work in the background."""

from procrastinate.contrib.django import app

from kalkan.audit.models import Channel
from kalkan.audit.services import acting_through
from kalkan.persons import erasing, ledger


@app.periodic(cron="13 2 * * *")
@app.task(name="persons.reapply")
def reapply(timestamp: int) -> None:
    """Carry out erasures that the ledger knows and the database does not: a crash came between the two."""
    with acting_through(Channel.JOB):
        erasing.reapply(ledger.entries())
