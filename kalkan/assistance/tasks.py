"""Work in the background."""

from procrastinate.contrib.django import app

from kalkan.access.session import acting
from kalkan.assistance.services.clock import go_round
from kalkan.assistance.services.shelters import take_census
from kalkan.audit.models import Channel


@app.periodic(cron="7 3 * * *")
@app.task(name="assistance.clock", queueing_lock="assistance.clock", lock="assistance.clock")
def clock(timestamp: int) -> None:
    """The daily round, shortly after midnight in Türkiye plus a margin for a server in another zone."""
    with acting(Channel.JOB, None):
        go_round()


@app.periodic(cron="27 3 * * *")
@app.task(name="assistance.census", queueing_lock="assistance.census", lock="assistance.census")
def census(timestamp: int) -> None:
    """Who stayed in the shelters last night, and in each night that was missed."""
    with acting(Channel.JOB, None):
        take_census()
