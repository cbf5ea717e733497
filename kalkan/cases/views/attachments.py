"""Files of a case: attach, open for a purpose, remove for a reason."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from kalkan.access.roles import Permission
from kalkan.cases import policy, services
from kalkan.cases.forms import AttachForm, RemoveForm, TextForm
from kalkan.cases.lifecycle import NotPossible, Stage
from kalkan.cases.models import Case
from kalkan.cases.views.base import CaseView, case_url, officer, seen
from kalkan.persons.files.door import Refusal

# Should a browser show the file in spite of its heading: in a box of its own, without scripts and without our origin.
SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


class AttachView(CaseView):
    form_class = AttachForm
    permissions = policy.RECORDING
    stages = frozenset(Stage)
    title = gettext_lazy("Attach a file")
    lead = gettext_lazy("Only what the case needs. The file and its name are sealed with the person's record.")
    submit = gettext_lazy("Attach")
    done = gettext_lazy("The file is attached.")

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"files": self.request.FILES} if self.request.method == "POST" else {}

    def act(self, case: Case, form: Any) -> Any:
        said, file = form.cleaned_data, form.cleaned_data["file"]
        try:
            return services.attach_file(
                case.reference,
                file.read(),
                name=file.name,
                declared=file.content_type or "",
                kind=said["kind"],
                by=self.officer,
                request_key=said["request_key"],
            )
        except Refusal as refusal:
            raise NotPossible("attach", refusal.sentence, missing="file") from refusal


class RemoveView(CaseView):
    form_class = RemoveForm
    permissions = policy.RECORDING
    stages = frozenset(Stage)
    title = gettext_lazy("Remove the file")
    lead = gettext_lazy("The file is gone for good. That it was here, who removed it and why stays in the record.")
    submit = gettext_lazy("Remove")
    done = gettext_lazy("The file is removed.")
    is_danger = True

    def form_options(self, case: Case) -> dict[str, Any]:
        policy.attachments.fetch(self.officer, case=case, attachment__reference=self.kwargs["file"])
        return {}

    def act(self, case: Case, form: Any) -> Any:
        return services.remove_file(
            case.reference, self.kwargs["file"], by=self.officer, reason=form.cleaned_data["reason"]
        )

    def get(self, request: HttpRequest, reference: UUID, file: UUID) -> HttpResponse:  # type: ignore[override]
        return super().get(request, reference)

    def post(self, request: HttpRequest, reference: UUID, file: UUID) -> HttpResponse:  # type: ignore[override]
        return super().post(request, reference)


@require_http_methods(["GET", "POST"])
def open_file(request: HttpRequest, reference: UUID, file: UUID) -> HttpResponse:
    """Ask for the purpose, then give the file out: as a download, never to be shown inside our pages."""
    case = seen(request, reference)
    policy.require(officer(request), Permission.PERSONS_REVEAL)
    link = policy.attachments.fetch(officer(request), case=case, attachment__reference=file)
    form = TextForm(request.POST or None)
    kept = link.attachment
    is_gone = kept.removed_at is not None or kept.person.is_erased
    if request.method == "POST" and form.is_valid() and not is_gone:
        purpose = form.cleaned_data["purpose"]
        name, content, attachment = services.open_file(reference, file, by=officer(request), purpose=purpose)
        response = HttpResponse(content, content_type=attachment.media_type)
        response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
        response["Content-Security-Policy"] = SANDBOX
        return response
    context = {"case": case, "form": form, "attachment": kept, "is_gone": is_gone, "back_url": case_url(case)}
    return render(request, "cases/open_file.html", context, status=410 if is_gone else 422 if form.errors else 200)
