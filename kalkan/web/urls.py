from django.urls import path

from kalkan.web.views.home import home
from kalkan.web.views.preferences import set_language, set_theme

app_name = "web"
urlpatterns = [
    path("", home, name="home"),
    path("language/", set_language, name="set_language"),
    path("theme/", set_theme, name="set_theme"),
]
