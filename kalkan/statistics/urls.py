from django.urls import path

from kalkan.statistics import views

app_name = "statistics"
urlpatterns = [
    path("", views.home, name="home"),
    path("nation/", views.nation, name="nation"),
    path("provinces/", views.provinces, name="provinces"),
    path("provinces/<str:code>/", views.province, name="province"),
    path("definitions/", views.definitions, name="definitions"),
    path("frozen/", views.snapshots, name="snapshots"),
]
