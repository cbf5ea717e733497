"""Addresses of the directory."""

from django.urls import path

from kalkan.assistance.views import directory

urlpatterns = [
    path("directory/", directory.directory, name="directory"),
    path("directory/export/", directory.export_directory, name="export_directory"),
    path("directory/own/", directory.own_services, name="own_services"),
    path("directory/new/", directory.add_service, name="add_service"),
    path("directory/<uuid:reference>/", directory.service, name="service"),
    path("directory/<uuid:reference>/change/", directory.change_service, name="change_service"),
    path("directory/<uuid:reference>/verify/", directory.verify_service, name="verify_service"),
    path("directory/<uuid:reference>/withdraw/", directory.withdraw_service, name="withdraw_service"),
    path("directory/<uuid:reference>/offer/", directory.offer_again, name="offer_again"),
]
