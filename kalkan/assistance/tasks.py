"""Work in the background."""

from datetime import datetime

from django.db import transaction
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from kalkan.access.session import Task, acting, beyond_reach
from kalkan.assistance.services import reminders
from kalkan.assistance.services.clock import go_round, moment
from kalkan.assistance.services.shelters import take_census
from kalkan.audit.models import Channel


@app.periodic(cron="7 3 * * *")
@app.task(name="assistance.clock", queueing_lock="assistance.clock", lock="assistance.clock")
def clock(timestamp: int) -> None:
    """The daily round, shortly after midnight in Türkiye plus a margin for a server in another zone."""
    with acting(Channel.JOB, None), transaction.atomic():
        if any(go_round()):
            with beyond_reach(Task.QUEUE):
                tell.defer(since=moment().isoformat())


@app.task(name="assistance.tell", retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def tell(since: str) -> None:
    """Mail to whom the round reminded. A job of its own, so that it is tried again where mail fails."""
    with acting(Channel.JOB, None):
        reminders.tell(datetime.fromisoformat(since))


@app.periodic(cron="27 3 * * *")
@app.task(name="assistance.census", queueing_lock="assistance.census", lock="assistance.census")
def census(timestamp: int) -> None:
    """Who stayed in the shelters last night, and in each night that was missed."""
    with acting(Channel.JOB, None):
        take_census()
