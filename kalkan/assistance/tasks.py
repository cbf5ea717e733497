"""Work in the background."""

from procrastinate.contrib.django import app

from kalkan.access.session import acting
from kalkan.assistance.services.clock import go_round
from kalkan.audit.models import Channel


@app.periodic(cron="7 3 * * *")
@app.task(name="assistance.clock", queueing_lock="assistance.clock", lock="assistance.clock")
def clock(timestamp: int) -> None:
    """The daily round, shortly after midnight in Türkiye plus a margin for a server in another zone."""
    with acting(Channel.JOB, None):
        go_round()
