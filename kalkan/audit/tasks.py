"""Work in the background: the log is sealed every minute, and its heads leave."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from kalkan.audit import publishing, sealing


@app.periodic(cron="* * * * *")
@app.task(name="audit.seal", queueing_lock="audit.seal", lock="audit.seal")
def seal(timestamp: int) -> None:
    """Seal what was written since the last minute."""
    sealing.seal()


@app.task(name="audit.publish", retry=RetryStrategy(max_attempts=20, exponential_wait=3))
def publish(number: int) -> None:
    """Post one head; tried again where the other side does not answer."""
    publishing.publish(number)
