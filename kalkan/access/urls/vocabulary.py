"""Addresses of code lists, indicators and provisions."""

from django.urls import path

from kalkan.access.views import reference

app_name = "vocabulary"
urlpatterns = [
    path("", reference.lists, name="lists"),
    path("indicators/", reference.indicators, name="indicators"),
    path("provisions/", reference.provisions, name="provisions"),
    path("days/", reference.days, name="days"),
    path("lists/<str:code>/", reference.one_list, name="list"),
]
