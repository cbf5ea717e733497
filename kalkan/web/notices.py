"""Sentences that wait for the next page, in a cookie named like all others (`MESSAGE_STORAGE`)."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage


class _Named(CookieStorage):
    cookie_name = settings.MESSAGES_COOKIE_NAME


class Notices(FallbackStorage):
    """In the cookie while they fit, in the session after that."""

    storage_classes = (_Named, SessionStorage)
