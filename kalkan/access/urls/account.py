"""Addresses for signing in and for one's own account. The names are django-allauth's, which finds its pages by them;
what has no place in a closed system (further e-mail addresses, codes by mail, joining accounts) has no address.
"""

from allauth.account import views
from django.urls import include, path, re_path

from kalkan.access.views import sign_on

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("signup/", views.signup, name="account_signup"),
    path("reauthenticate/", views.reauthenticate, name="account_reauthenticate"),
    path("password/change/", views.password_change, name="account_change_password"),
    path("password/set/", views.password_set, name="account_set_password"),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("second-factor/", include("allauth.mfa.urls")),
    path("sign-on/<str:provider_id>/", sign_on.begin, name="openid_connect_login"),
    path("sign-on/<str:provider_id>/callback/", sign_on.come_back, name="openid_connect_callback"),
]
