"""Forms about one row of a case (a permit, a return): the row is fetched through its policy, then its case."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from kalkan.access.policy import Rows
from kalkan.cases.lifecycle import Stage
from kalkan.cases.models import Case
from kalkan.cases.views.base import CaseView, Words, officer


class SubjectView(CaseView):
    """A form about the row whose reference stands in the address. A row that does not exist for the user is 404."""

    rows: Rows[Any]
    page: str
    page_title: Words
    stages = frozenset(Stage)

    def _allowed(self, request: HttpRequest, reference: UUID) -> Case:
        self.row = self.rows.fetch(officer(request), reference=reference)
        return super()._allowed(request, self.row.case.reference)

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"initial": {"version": self.row.version}}

    def more(self, case: Case) -> dict[str, Any]:
        return {"row": self.row}

    def conflict(self, current: Any, form: forms.Form) -> HttpResponse:
        """The row as it now stands, and the form with what was typed, ready to be sent again."""
        self.row = current
        form.data = self.request.POST.copy()
        form.data["version"] = str(current.version)
        return self.show(current.case, form, status=409, changed=True, differences=[])

    def next_url(self, case: Case) -> str:
        return reverse(self.page, args=[self.row.reference])

    def _frame(self, case: Case) -> dict[str, Any]:
        address = reverse(self.page, args=[self.row.reference])
        where = {"back_url": address, "cancel_url": address, "back_label": self.page_title}
        return super()._frame(case) | where
