"""Every address of Kalkan. A room's own addresses stand in the room's `urls`."""

from django.urls import include, path

urlpatterns = [
    path("health/", include("kalkan.web.health")),
    path("account/", include("kalkan.access.urls.account")),
    path("access/", include("kalkan.access.urls")),
    path("vocabulary/", include("kalkan.access.urls.vocabulary")),
    path("audit/", include("kalkan.access.urls.audit")),
    path("persons/", include("kalkan.persons.urls")),
    path("cases/", include("kalkan.cases.urls")),
    path("assistance/", include("kalkan.assistance.urls")),
    path("statistics/", include("kalkan.statistics.urls")),
    path("exchange/", include("kalkan.exchange.urls")),
    path("", include("kalkan.web.urls")),
]

handler400 = "kalkan.web.errors.bad_request"
handler403 = "kalkan.web.errors.forbidden"
handler404 = "kalkan.web.errors.not_found"
handler429 = "kalkan.web.errors.too_many"
handler500 = "kalkan.web.errors.server_error"
