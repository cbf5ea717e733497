"""What every page of work on a case shares: fetch, require, ask, check the answers, act, go back to the case."""

from typing import Any, ClassVar, cast
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
from kalkan.access.policy import ReadOnly
from kalkan.access.roles import Permission
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import lifecycle, policy
from kalkan.cases.forms import ConfirmForm
from kalkan.cases.forms.fields import shown
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.models import Case

Words = str | Promise


def case_url(case: Case) -> str:
    return reverse("web:case", args=[case.reference])


def officer(request: HttpRequest) -> User:
    """Who asks. The middleware lets nobody through who has not signed in."""
    return cast(User, request.user)


def seen(request: HttpRequest, reference: UUID) -> Case:
    """The case if it exists for this user; that it was looked at is recorded."""
    case = policy.cases.fetch(officer(request), reference=reference)
    record(Event.CASE_VIEWED, case, case.person, by=request.user)
    return case


class CaseView(View):
    """A form about one case. `act` does the work; what it refuses is said on the page, with what was typed."""

    form_class: ClassVar[type[forms.Form]]
    permissions: ClassVar[tuple[Permission, ...]]
    title: ClassVar[Words]
    submit: ClassVar[Words]
    lead: ClassVar[Words] = ""
    done: ClassVar[Words] = ""
    moves: ClassVar[tuple[str, ...]] = ()
    stages: ClassVar[frozenset[lifecycle.Stage]] = lifecycle.OPEN
    is_checked = False
    is_danger = False
    template = "cases/form.html"

    @property
    def officer(self) -> User:
        return officer(self.request)

    def act(self, case: Case, form: Any) -> Any:
        raise NotImplementedError

    def form_options(self, case: Case) -> dict[str, Any]:
        return {}

    def more(self, case: Case) -> dict[str, Any]:
        return {}

    def differences(self, case: Case, form: Any) -> list[dict[str, Any]]:
        return []

    def get(self, request: HttpRequest, reference: UUID) -> HttpResponse:
        case = self._allowed(request, reference)
        refusal = self._refusal(case)
        if refusal:
            messages.warning(request, refusal)
            return redirect(case_url(case))
        return self.show(case, self.form_class(**self.form_options(case)))

    def post(self, request: HttpRequest, reference: UUID) -> HttpResponse:
        case = self._allowed(request, reference)
        form = self.form_class(request.POST, **self.form_options(case))
        if not form.is_valid() or "change" in request.POST:
            return self.show(case, form, status=200 if form.is_valid() else 422)
        if self.is_checked and "confirmed" not in request.POST:
            return self.check(case, form)
        try:
            self.act(case, form)
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
            return self.show(case, form, status=422)
        except Changed as changed:
            return self.conflict(changed.current, form)
        if self.done:
            messages.success(request, str(self.done))
        return redirect(self.next_url(case))

    def next_url(self, case: Case) -> str:
        return case_url(case)

    def show(self, case: Case, form: forms.Form, *, status: int = 200, **extra: Any) -> HttpResponse:
        context = self._frame(case) | {"form": form, "submit_label": self.submit} | self.more(case) | extra
        return render(self.request, self.template, context, status=status)

    def check(self, case: Case, form: forms.Form) -> HttpResponse:
        confirm = ConfirmForm(form, self.request.POST)
        context = self._frame(case) | {"form": confirm, "answers": shown(form), "submit_label": self.submit}
        return render(self.request, "cases/check.html", context)

    def conflict(self, current: Case, form: Any) -> HttpResponse:
        """Both versions, and the form with what was typed, ready to be saved on top of what is there now."""
        differences = self.differences(current, form)
        form.data = self.request.POST.copy()
        form.data["version"] = str(current.version)
        return self.show(current, form, status=409, changed=True, differences=differences)

    def _frame(self, case: Case) -> dict[str, Any]:
        return {
            "case": case,
            "title": self.title,
            "lead": self.lead,
            "back_url": case_url(case),
            "cancel_url": case_url(case),
            "is_danger": self.is_danger,
        }

    def _allowed(self, request: HttpRequest, reference: UUID) -> Case:
        case = seen(request, reference)
        policy.require_any(self.officer, self.permissions)
        if not policy.cases.is_own(self.officer, case):
            raise ReadOnly
        return case

    def _refusal(self, case: Case) -> str:
        possible = {move.name for move in lifecycle.moves_from(case.stage)}
        is_possible = possible & set(self.moves) if self.moves else case.stage in self.stages
        if is_possible:
            return ""
        return _("This step is not possible while the case is at “%(stage)s”.") % {"stage": case.get_stage_display()}
