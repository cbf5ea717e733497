"""Work in the background."""

from django.conf import settings
from procrastinate.contrib.django import app

from kalkan.access.session import Task, acting, beyond_reach
from kalkan.audit.models import Channel
from kalkan.cases import retention


@app.periodic(cron="43 2 * * *")
@app.task(name="cases.retention")
def apply_retention(timestamp: int) -> None:
    """Erase whose term has ended, where the installation lets the worker do so by itself (setting RETENTION)."""
    if settings.RETENTION:
        with acting(Channel.JOB, None), beyond_reach(Task.ERASURE):
            retention.apply()
