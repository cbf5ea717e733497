from django.urls import path

from kalkan.web.views.accounts import close_account, hand_over, mark_leave
from kalkan.web.views.begin import begin
from kalkan.web.views.case import case
from kalkan.web.views.home import home, work
from kalkan.web.views.preferences import set_language, set_theme

app_name = "web"
urlpatterns = [
    path("", home, name="home"),
    path("work/", work, name="work"),
    path("begin/", begin, name="begin"),
    path("case/<uuid:reference>/", case, name="case"),
    path("account-of/<uuid:reference>/hand-over/", hand_over, name="hand_over"),
    path("account-of/<uuid:reference>/close/", close_account, name="close_account"),
    path("account-of/<uuid:reference>/leave/", mark_leave, name="mark_leave"),
    path("language/", set_language, name="set_language"),
    path("theme/", set_theme, name="set_theme"),
]
