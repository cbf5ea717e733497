from django.urls import path

from kalkan.web.views.accounts import close_account, hand_over, mark_leave
from kalkan.web.views.begin import begin
from kalkan.web.views.case import case
from kalkan.web.views.emergencies import emergencies, emergency, end_emergency, open_emergency
from kalkan.web.views.home import home, work
from kalkan.web.views.preferences import set_language, set_theme
from kalkan.web.views.reading import access_report, readers, reading, reads, unusual
from kalkan.web.views.reports import policy_report

app_name = "web"
urlpatterns = [
    path("", home, name="home"),
    path("work/", work, name="work"),
    path("begin/", begin, name="begin"),
    path("case/<uuid:reference>/", case, name="case"),
    path("emergencies/", emergencies, name="emergencies"),
    path("emergencies/open/", open_emergency, name="open_emergency"),
    path("emergencies/<uuid:reference>/", emergency, name="emergency"),
    path("emergencies/<uuid:reference>/end/", end_emergency, name="end_emergency"),
    path("reading/", reading, name="reading"),
    path("reading/unusual/", unusual, name="unusual"),
    path("reading/of/<uuid:person>/", readers, name="readers"),
    path("reading/of/<uuid:person>/report/", access_report, name="access_report"),
    path("reading/by/<uuid:who>/", reads, name="reads"),
    path("account-of/<uuid:reference>/hand-over/", hand_over, name="hand_over"),
    path("account-of/<uuid:reference>/close/", close_account, name="close_account"),
    path("account-of/<uuid:reference>/leave/", mark_leave, name="mark_leave"),
    path("language/", set_language, name="set_language"),
    path("theme/", set_theme, name="set_theme"),
    path("policy-report/", policy_report, name="policy_report"),
]
