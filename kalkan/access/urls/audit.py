"""Addresses of the log."""

from django.urls import path

from kalkan.access.views import log

app_name = "audit"
urlpatterns = [path("", log.events, name="events")]
