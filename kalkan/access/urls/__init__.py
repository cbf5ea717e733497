"""Addresses of accounts and permissions. The log and the code lists stand below this room and know no permission,
so their pages are here too, each under its own name."""

from django.urls import path

from kalkan.access.views import accounts, matrix

app_name = "access"
urlpatterns = [
    path("permissions/", matrix.matrix, name="matrix"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/new/", accounts.create, name="create_account"),
    path("accounts/<uuid:reference>/", accounts.account, name="account"),
    path("accounts/<uuid:reference>/role/", accounts.change_role, name="change_role"),
    path("accounts/<uuid:reference>/close/", accounts.close, name="close_account"),
    path("accounts/<uuid:reference>/open/", accounts.open_again, name="open_account"),
    path("accounts/<uuid:reference>/password/", accounts.password_link, name="password_link"),
]
