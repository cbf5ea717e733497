"""Every address of the room, a file for each topic."""

from django.urls import URLPattern, path

from kalkan.assistance.urls import shelters
from kalkan.assistance.views import hub, promises

app_name = "assistance"
urlpatterns: list[URLPattern] = [
    path("cases/<uuid:reference>/", hub.hub, name="hub"),
    path("promises/", promises.promises, name="promises"),
    path("promises/ageing/", promises.ageing, name="ageing"),
    # pathways and travel documents
    #
    # directory
    #
    # referrals
    #
    # support programme
    #
    # shelters
    *shelters.urlpatterns,
    # permits and returns
    #
    # official documents
    #
]
