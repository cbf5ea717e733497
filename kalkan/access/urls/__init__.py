"""Addresses of accounts and permissions. The log and the code lists stand below this room and know no permission,
so their pages are here too, each under its own name."""

from django.urls import path

from kalkan.access.views import accounts, invitations, matrix, sessions

app_name = "access"
urlpatterns = [
    path("permissions/", matrix.matrix, name="matrix"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/new/", accounts.create, name="create_account"),
    path("accounts/<uuid:reference>/", accounts.account, name="account"),
    path("accounts/<uuid:reference>/role/", accounts.change_role, name="change_role"),
    path("accounts/<uuid:reference>/open/", accounts.open_again, name="open_account"),
    path("accounts/<uuid:reference>/invite/", accounts.invite, name="invite"),
    path("accounts/<uuid:reference>/renew/", accounts.renew, name="renew"),
    path("accounts/<uuid:reference>/end-sessions/", accounts.end_sessions, name="end_sessions"),
    path("accounts/<uuid:reference>/end-leave/", accounts.end_leave, name="end_leave"),
    path("invitation/", invitations.accept, name="accept_invitation"),
    path("invitation/<str:token>/", invitations.follow, name="invitation"),
    path("sessions/", sessions.sessions, name="sessions"),
    path("sessions/end-others/", sessions.end_others, name="end_other_sessions"),
    path("sessions/<uuid:reference>/end/", sessions.end, name="end_session"),
]
