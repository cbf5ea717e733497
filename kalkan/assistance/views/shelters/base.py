"""What every form of a shelter shares: fetch, require, ask, act, go back."""

from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views import View

from kalkan.access.concurrency import Changed
from kalkan.access.models import User
from kalkan.access.policy import require
from kalkan.access.roles import Permission
from kalkan.assistance.models import Shelter, Stay
from kalkan.assistance.policy import shelters as policy
from kalkan.assistance.selectors import shelters as selectors
from kalkan.assistance.services.shelters import cases_of
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.forms import ConfirmForm
from kalkan.cases.forms.fields import shown
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.views.base import officer

Words = str | Promise


def stay_name(stay: Stay) -> str:
    """The stay as those who work with it call it."""
    return f"{_('Stay')} {stay.short_reference}"


class FormView(View):
    """One form; `act` does the work, and what it refuses is said on the page with what was typed."""

    form_class: ClassVar[type[forms.Form]]
    permission: ClassVar[Permission] = Permission.STAYS_MANAGE
    title: ClassVar[Words]
    lead: ClassVar[Words] = ""
    submit: ClassVar[Words]
    done: ClassVar[Words]
    is_checked = False
    is_danger = False

    @property
    def officer(self) -> User:
        return officer(self.request)

    def find(self, **named: UUID) -> Any:
        """What the form is about. Raises Http404 where it does not exist for the user."""
        raise NotImplementedError

    def form_options(self, found: Any) -> dict[str, Any]:
        return {}

    def act(self, found: Any, form: Any) -> Any:
        raise NotImplementedError

    def back(self, found: Any) -> str:
        return reverse("assistance:shelter")

    def back_label(self, found: Any) -> str:
        """Where `back` leads, in words."""
        return _("Your shelter")

    def refusal(self, found: Any) -> str:
        """Why the form cannot be asked now; empty where it can."""
        return ""

    def get(self, request: HttpRequest, **named: UUID) -> HttpResponse:
        found = self._allowed(**named)
        refusal = self.refusal(found)
        if refusal:
            messages.warning(request, refusal)
            return redirect(self.back(found))
        return self.show(found, self.form_class(**self.form_options(found)))

    def post(self, request: HttpRequest, **named: UUID) -> HttpResponse:
        found = self._allowed(**named)
        form = self.form_class(request.POST, **self.form_options(found))
        if not form.is_valid() or "change" in request.POST:
            return self.show(found, form, status=200 if form.is_valid() else 422)
        if self.is_checked and "confirmed" not in request.POST:
            context = self.frame(found) | {"form": ConfirmForm(form, request.POST), "answers": shown(form)}
            return render(request, "cases/check.html", context)
        try:
            self.act(found, form)
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
            return self.show(found, form, status=422)
        except Changed:
            messages.warning(request, _("A colleague has changed this meanwhile. Look at it again and decide then."))
            return redirect(self.back(found))
        messages.success(request, str(self.done))
        return redirect(self.back(found))

    def show(self, found: Any, form: forms.Form, *, status: int = 200) -> HttpResponse:
        return render(self.request, "assistance/shelters/form.html", self.frame(found) | {"form": form}, status=status)

    def frame(self, found: Any) -> dict[str, Any]:
        back = self.back(found)
        return {
            "title": self.title, "lead": self.lead, "submit_label": self.submit, "back_url": back,
            "back_label": self.back_label(found), "cancel_url": back, "is_danger": self.is_danger,
        }  # fmt: skip

    def _allowed(self, **named: UUID) -> Any:
        if not named:
            require(self.officer, self.permission)
        found = self.find(**named)
        require(self.officer, self.permission)
        return found


class StayView(FormView):
    """A form about one stay."""

    statuses: ClassVar[tuple[str, ...]]

    def find(self, **named: UUID) -> Stay:
        stay = policy.stays.fetch(self.officer, own=True, reference=named["reference"])
        record(Event.STAY_VIEWED, stay, *cases_of([stay]), by=self.officer)
        return stay

    def form_options(self, found: Stay) -> dict[str, Any]:
        return {"initial": {"version": found.version}}

    def back(self, found: Stay) -> str:
        return reverse("assistance:stay", args=[found.reference])

    def back_label(self, found: Stay) -> str:
        return stay_name(found)

    def refusal(self, found: Stay) -> str:
        if found.status in self.statuses:
            return ""
        return _("This step is not possible: the stay is at “%(status)s”.") % {"status": found.get_status_display()}


class HouseView(FormView):
    """A form about the own house."""

    def find(self, **named: UUID) -> Shelter | None:
        return selectors.own_shelter(self.officer)

    def refusal(self, found: Shelter | None) -> str:
        return _("Say first what the house offers and whom it takes.") if found is None else ""
