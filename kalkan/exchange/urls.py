from django.urls import path

from kalkan.exchange import views

app_name = "exchange"
urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/new/", views.upload, name="upload"),
    path("imports/<uuid:reference>/", views.show, name="import"),
    path("imports/<uuid:reference>/progress/", views.progress, name="progress"),
    path("imports/<uuid:reference>/begin/", views.begin, name="begin"),
    path("imports/<uuid:reference>/discard/", views.discard, name="discard"),
    path("exports/<slug:name>/", views.export, name="export"),
]
