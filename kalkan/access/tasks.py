"""Work in the background. Each job carries a reference only."""

from uuid import UUID

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from kalkan.access import mail


@app.task(name="access.tell", retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def tell(reference: str) -> None:
    """Tell those who must know that an emergency was opened."""
    mail.tell_of_emergency(UUID(reference))
