"""Every address of the room, a file for each topic."""

from django.urls import URLPattern, path

from kalkan.assistance.urls import directory, pathways, permits, programmes, referrals, shelters
from kalkan.assistance.views import documents, duties, hub, papers, promises

app_name = "assistance"
urlpatterns: list[URLPattern] = [
    path("cases/<uuid:reference>/", hub.hub, name="hub"),
    path("promises/", promises.promises, name="promises"),
    path("promises/ageing/", promises.ageing, name="ageing"),
    path("owed/<uuid:reference>/", duties.owed, name="owed"),
    # pathways and travel documents
    *pathways.urlpatterns,
    path("cases/<uuid:reference>/papers/add/", papers.CheckPaperView.as_view(), name="check_paper"),
    path("cases/<uuid:reference>/papers/<uuid:paper>/", papers.paper, name="paper"),
    path("papers/", papers.to_examine, name="papers_to_examine"),
    path("papers/<uuid:paper>/", papers.examine, name="examine_paper"),
    # directory
    *directory.urlpatterns,
    # referrals
    *referrals.urlpatterns,
    # support programme
    *programmes.urlpatterns,
    # shelters
    *shelters.urlpatterns,
    # permits and returns
    *permits.urlpatterns,
    # official documents
    path("cases/<uuid:reference>/documents/add/", documents.MakeDocumentView.as_view(), name="make_document"),
    path("cases/<uuid:reference>/documents/<uuid:document>/", documents.open_document, name="open_document"),
]
