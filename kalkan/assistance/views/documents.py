"""Pages of the official documents of a case."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kalkan.access.roles import Permission
from kalkan.assistance.forms.documents import MakeDocumentForm
from kalkan.assistance.policy import documents as policy
from kalkan.assistance.services import documents as services
from kalkan.cases.forms import TextForm
from kalkan.cases.lifecycle import Stage
from kalkan.cases.models import Case
from kalkan.cases.views.attachments import SANDBOX
from kalkan.cases.views.base import CaseView, officer, seen


def hub_url(case: Case) -> str:
    return reverse("assistance:hub", args=[case.reference])


class MakeDocumentView(CaseView):
    form_class = MakeDocumentForm
    permissions = (Permission.DOCUMENTS_MAKE,)
    stages = frozenset(Stage)
    title = gettext_lazy("Make a document")
    lead = gettext_lazy("The document is set as PDF and kept sealed, so that the paper that was signed can be proved.")
    submit = gettext_lazy("Make the document")
    done = gettext_lazy("The document is made. Open it below to print it.")

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"case": case, "by": self.officer}

    def act(self, case: Case, form: Any) -> Any:
        return services.make_document(case.reference, by=self.officer, **form.cleaned_data)

    def next_url(self, case: Case) -> str:
        return hub_url(case)

    def _frame(self, case: Case) -> dict[str, Any]:
        return super()._frame(case) | {"back_url": hub_url(case), "cancel_url": hub_url(case)}


@require_http_methods(["GET", "POST"])
def open_document(request: HttpRequest, reference: UUID, document: UUID) -> HttpResponse:
    """Ask for the purpose, then give the PDF out as a download."""
    case = seen(request, reference)
    policy.require(officer(request), Permission.PERSONS_REVEAL)
    found = policy.documents.fetch(officer(request), case=case, reference=document)
    form = TextForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and not case.person.is_erased:
        name, content, attachment = services.open_document(
            reference, found.reference, by=officer(request), purpose=form.cleaned_data["purpose"]
        )
        response = HttpResponse(content, content_type=attachment.media_type)
        response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
        response["Content-Security-Policy"] = SANDBOX
        return response
    context = {"case": case, "form": form, "document": found, "back_url": hub_url(case)}
    return render(request, "assistance/documents/open.html", context, status=422 if form.errors else 200)
