"""Work in the background. Each job carries a reference, never a value from a file."""

from uuid import UUID

from procrastinate.contrib.django import app

from kalkan.access.session import Task, acting, beyond_reach
from kalkan.audit.models import Channel
from kalkan.exchange import services


@app.task(name="exchange.check")
def check(reference: str) -> None:
    """Check an uploaded file."""
    with acting(Channel.JOB, None), beyond_reach(Task.IMPORT):
        services.check_run(UUID(reference))


@app.task(name="exchange.import")
def perform(reference: str) -> None:
    """Import a checked file."""
    with acting(Channel.JOB, None), beyond_reach(Task.IMPORT):
        services.perform_run(UUID(reference))


@app.periodic(cron="17 3 * * *")
@app.task(name="exchange.forget")
def forget(timestamp: int) -> None:
    """Delete uploads that nobody came back to."""
    with acting(Channel.JOB, None), beyond_reach(Task.IMPORT):
        services.forget_old_files()
