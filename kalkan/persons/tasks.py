"""Work in the background."""

from procrastinate.contrib.django import app

from kalkan.access.session import Task, acting, beyond_reach
from kalkan.audit.models import Channel
from kalkan.persons import erasing, ledger


@app.periodic(cron="13 2 * * *")
@app.task(name="persons.reapply")
def reapply(timestamp: int) -> None:
    """Carry out erasures that the ledger knows and the database does not: a crash came between the two."""
    with acting(Channel.JOB, None), beyond_reach(Task.ERASURE):
        erasing.reapply(ledger.entries())
