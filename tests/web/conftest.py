"""A signed-in browser for each role."""

from collections.abc import Callable

import pytest
from django.test import Client

from kalkan.access.models import User
from tests.factories import make_user


@pytest.fixture
def signed_in(db: None) -> Callable[..., Client]:
    """A client signed in as `user`, or as a new user with `role`."""

    def sign_in(user: User | str) -> Client:
        client = Client()
        client.force_login(user if isinstance(user, User) else make_user(user))
        return client

    return sign_in
