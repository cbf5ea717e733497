"""Work in the background: telling of emergencies and of changed ways to sign in, and sealing the log, which stands
below this room and knows no task of the database. Each job carries a reference only."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from kalkan.access import mail
from kalkan.access.session import Task, acting, beyond_reach
from kalkan.audit import publishing, sealing
from kalkan.audit.models import Channel


@app.task(name="access.tell", retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def tell(reference: str) -> None:
    """Tell those who must know that an emergency was opened."""
    with acting(Channel.JOB, None), beyond_reach(Task.EMERGENCY):
        mail.tell_of_emergency(UUID(reference))


@app.task(name="access.tell_owner", retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def tell_owner(reference: str) -> None:
    """Tell the owner of an account that the way to sign in was changed."""
    with acting(Channel.JOB, None):
        mail.tell_owner(UUID(reference))


@app.periodic(cron="* * * * *")
@app.task(name="audit.seal", queueing_lock="audit.seal", lock="audit.seal")
def seal(timestamp: int) -> None:
    """Seal what was written since the last minute."""

    def post(number: int) -> None:
        with beyond_reach(Task.QUEUE):
            sealing.post_later(number)

    with acting(Channel.JOB, None), beyond_reach(Task.SEALING):
        sealing.seal(post=post)


@app.task(name="audit.publish", retry=RetryStrategy(max_attempts=20, exponential_wait=3))
def publish(number: int) -> None:
    """Post one head; tried again where the other side does not answer."""
    with acting(Channel.JOB, None), beyond_reach(Task.SEALING):
        publishing.publish(number)
