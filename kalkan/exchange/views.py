from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kalkan.access.requests import SignedInRequest
from kalkan.access.roles import Permission
from kalkan.exchange import formats, lists, policy, services, writing
from kalkan.exchange.forms import BeginForm, UploadForm
from kalkan.exchange.mapping import MappingWrong
from kalkan.exchange.models import ImportRun
from kalkan.exchange.problems import Notice
from kalkan.persons.files.door import Refusal

PAGE = 20
_KEPT_FILTERS = 20


@require_GET
def imports(request: SignedInRequest) -> HttpResponse:
    policy.require(request.user, Permission.IMPORT_RUN)
    runs = policy.runs.visible(request.user).select_related("by", "institution")
    page = Paginator(runs, PAGE).get_page(request.GET.get("page"))
    titles = dict(formats.choices())
    rows = [
        {"run": run, "title": titles.get(run.format, run.source), "is_stalled": services.is_stalled(run)}
        for run in page
    ]
    return render(request, "exchange/imports.html", {"page_obj": page, "rows": rows})


@require_http_methods(["GET", "POST"])
def upload(request: SignedInRequest) -> HttpResponse:
    policy.require(request.user, Permission.IMPORT_RUN)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if request.method == "POST" and form.is_valid():
        try:
            run = services.upload(
                form.cleaned_data["file"].chunks(),
                kind=form.cleaned_data["format"],
                own_mapping=form.cleaned_data["mapping"],
                by=request.user,
                request_key=form.cleaned_data["request_key"],
            )
        except MappingWrong as wrong:
            form.add_error(None, wrong.sentences[:20])
        except Refusal as refusal:
            form.add_error("file", refusal.sentence)
        else:
            return redirect("exchange:import", run.reference)
    return render(request, "exchange/upload.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def show(request: SignedInRequest, reference: UUID) -> HttpResponse:
    run = policy.runs.fetch(request.user, reference=reference)
    return render(request, "exchange/import.html", _facts(request, run))


@require_GET
def progress(request: SignedInRequest, reference: UUID) -> HttpResponse:
    """The part of the page that is asked for again and again while the work goes on."""
    run = policy.runs.fetch(request.user, reference=reference)
    if not run.is_busy or services.is_stalled(run):
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return render(request, "exchange/progress.html", {"run": run})


@require_POST
def begin(request: SignedInRequest, reference: UUID) -> HttpResponse:
    run = policy.runs.fetch(request.user, reference=reference)
    form = BeginForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose how the file should be imported."))
        return redirect("exchange:import", run.reference)
    try:
        services.begin_import(run.reference, by=request.user, mode=form.cleaned_data["mode"])
    except services.NotNow as not_now:
        messages.error(request, str(not_now))
    return redirect("exchange:import", run.reference)


@require_POST
def discard(request: SignedInRequest, reference: UUID) -> HttpResponse:
    try:
        services.discard(reference, by=request.user)
    except services.NotNow as not_now:
        messages.error(request, str(not_now))
        return redirect("exchange:import", reference)
    messages.success(request, _("The file is deleted; nothing of it was imported now."))
    return redirect("exchange:imports")


@require_GET
def export(request: SignedInRequest, name: str) -> HttpResponseBase:
    """A list as a file. The parameters of the page it stands on narrow it in the same way."""
    kind = request.GET.get("format", "csv")
    asked = {key: ",".join(values)[:200] for key, values in list(request.GET.lists())[:_KEPT_FILTERS]}
    filters = {key: value for key, value in asked.items() if "\0" not in value}
    if kind not in writing.FORMATS:
        raise Http404
    try:
        found = services.begin_export(name, by=request.user, filters=filters)
    except services.NoSuchList:
        raise Http404 from None
    filename = f"kalkan-{name}-{timezone.localdate():%Y-%m-%d}.{kind}"
    if kind == "csv":
        response: HttpResponseBase = StreamingHttpResponse(
            writing.as_csv(found.headings, found.rows), content_type=writing.FORMATS[kind]
        )
        response["Content-Disposition"] = f'attachment; filename="{filename}"'
        return response
    file = writing.spooled(
        lambda out: writing.write_xlsx(out, str(found.definition.title), found.headings, found.rows)
    )
    return FileResponse(file, as_attachment=True, filename=filename, content_type=writing.FORMATS[kind])


def _facts(request: SignedInRequest, run: ImportRun) -> dict[str, Any]:
    page = Paginator(run.problems.select_related("run").order_by("id"), PAGE).get_page(request.GET.get("page"))
    reader = request.user
    is_stalled = services.is_stalled(run)
    return {
        "run": run,
        "title": dict(formats.choices()).get(run.format, run.source),
        "is_stalled": is_stalled,
        "can_begin": bool(run.file) and (is_stalled or run.state in {run.State.CHECKED, run.State.INTERRUPTED}),
        "form": BeginForm(has_failed_rows=bool(run.failed)),
        "notices": [str(Notice(notice["code"], notice["facts"])) for notice in run.notices],
        "page_obj": page,
        "problems": [
            {"said": lists.said(problem), "value": lists.value_as_given(problem, reader=reader)} for problem in page
        ],
        "poll_url": reverse("exchange:progress", args=[run.reference]),
    }
