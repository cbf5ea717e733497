"""What an administrator fills in."""

from typing import Any
from uuid import UUID, uuid4

from allauth.account.fields import PasswordField, SetPasswordField
from allauth.account.forms import SetPasswordForm
from django import forms
from django.utils.translation import gettext_lazy as _

from kalkan.access.models import Institution, User
from kalkan.access.roles import SEATS, Role
from kalkan.access.selectors import seats_for
from kalkan.audit.events import Event


def _roles_at(institutions: list[Institution]) -> list[tuple[str, str]]:
    """The roles that have a seat at one of the institutions."""
    kinds = {institution.kind for institution in institutions}
    return [(role.value, str(role.label)) for role in Role if SEATS[role] & kinds]


class _Seated(forms.Form):
    """A role at an institution."""

    institution = forms.ModelChoiceField(
        label=_("Institution"), queryset=Institution.objects.none(), to_field_name="code", empty_label=None
    )
    role = forms.ChoiceField(
        label=_("Role"), help_text=_("The role decides what the person may do and whose records exist for them.")
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any):
        super().__init__(*args, **kwargs)
        seats = seats_for(by)
        self.fields["institution"].queryset = seats  # type: ignore[attr-defined]
        self.fields["role"].choices = _roles_at(list(seats))  # type: ignore[attr-defined]


class NewAccountForm(_Seated):
    """A new account."""

    full_name = forms.CharField(label=_("Full name"), max_length=150, strip=True)
    email = forms.EmailField(
        label=_("Work e-mail"), max_length=254, help_text=_("One account for one person: never a shared address.")
    )
    language = forms.ChoiceField(label=_("Language"), choices=User._meta.get_field("language").choices or [])
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid4)
    field_order = ("full_name", "email", "institution", "role", "language", "request_key")


class RoleForm(_Seated):
    """Another duty for an account."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class VersionForm(forms.Form):
    """Nothing but the version that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class PasswordForm(SetPasswordForm):
    """The password of one's own account, twice."""

    password1 = SetPasswordField(label=_("Password"), help_text=_("At least 12 characters."))
    password2 = PasswordField(label=_("Password again"))


class FindAccountsForm(forms.Form):
    """Which accounts to list."""

    words = forms.CharField(label=_("Name, e-mail or institution"), required=False, max_length=100)
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("open", _("Open")), ("closed", _("Closed")), ("all", _("All"))],
        initial="open",
    )


class FindEventsForm(forms.Form):
    """Which events of the log to show."""

    who = forms.CharField(
        label=_("Account"),
        required=False,
        max_length=254,
        help_text=_("Work e-mail or reference of the account that acted."),
    )
    subject = forms.UUIDField(
        label=_("Person or case"),
        required=False,
        help_text=_("Reference of the person, case or account that it was done to."),
    )
    action = forms.ChoiceField(label=_("What was done"), required=False)
    first = forms.DateField(label=_("From"), required=False, widget=forms.DateInput({"type": "date"}))
    last = forms.DateField(label=_("To"), required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, *args: Any, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.fields["action"].choices = [("", _("Anything")), *Event.choices]  # type: ignore[attr-defined]

    def clean_who(self) -> UUID | None:
        """The reference of the account: an address never goes into the address of a page."""
        who = self.cleaned_data["who"].strip()
        if not who:
            return None
        try:
            return UUID(who)
        except ValueError:
            found = User.objects.filter(email=who.lower()).values_list("reference", flat=True).first()
        if found is None:
            raise forms.ValidationError(_("No account has this address."))
        return found

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        first, last = values.get("first"), values.get("last")
        if first and last and last < first:
            self.add_error("last", _("This day lies before the first one."))
        return values
