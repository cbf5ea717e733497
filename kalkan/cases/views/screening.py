"""The screening, page by page. Every page is saved when it is left, so that a slow line loses nothing."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kalkan.access.concurrency import Changed
from kalkan.access.roles import Permission
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import policy, services
from kalkan.cases.assessment import SEEN
from kalkan.cases.forms import ConclusionForm, QuestionsForm, StartForm
from kalkan.cases.lifecycle import NotPossible, Stage
from kalkan.cases.models import Answer, Said, Screening
from kalkan.cases.selectors import Page, assess_screening, screening_pages
from kalkan.cases.selectors.questions import DANGER
from kalkan.cases.views.base import case_url, officer, seen


@require_http_methods(["GET", "POST"])
def screening(request: HttpRequest, reference: UUID) -> HttpResponse:
    """Start a screening, or go on where it was left."""
    case = seen(request, reference)
    user = officer(request)
    policy.require(user, Permission.CASES_SCREEN)
    running = case.screenings.filter(conclusion="").first()
    if case.stage != Stage.SCREENING:
        messages.warning(request, _("The screening of this case is over."))
        return redirect(case_url(case))
    if request.method == "GET" and running is not None and "again" not in request.GET:
        return redirect(_resume(running))
    initial = _initial(running)
    form = StartForm(request.POST or None, case=case, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            started = services.start_screening(
                reference,
                by=user,
                profile=form.profile,
                held_on=form.cleaned_data["held_on"],
                place=form.cleaned_data["place"],
            )
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect(_resume(started))
    status = 422 if form.errors else 200
    return render(request, "cases/screening_start.html", {"case": case, "form": form} | _back(case), status=status)


@require_http_methods(["GET", "POST"])
def screening_page(request: HttpRequest, reference: UUID, page: str) -> HttpResponse:
    """One page of questions."""
    found = _screening(request, reference)
    if found.conclusion:
        return redirect("cases:screening_result", found.reference)
    pages = screening_pages(found)
    number = next((at for at, one in enumerate(pages) if one.name == page), None)
    if number is None:
        raise Http404
    saved = {answer.question: answer.said for answer in found.answers.all()}
    initial = saved | {"version": found.version}
    form = QuestionsForm(request.POST or None, page=pages[number], initial=initial)
    status, differences = 200, []
    if request.method == "POST":
        if form.is_valid():
            try:
                services.answer_questions(
                    reference, form.answers, by=officer(request), version=form.cleaned_data["version"]
                )
            except NotPossible as refusal:
                form.add_error(None, str(refusal))
            except Changed as changed:
                differences = _differences(changed.current, form)
                form.data = {**request.POST.dict(), "version": str(changed.current.version)}
                status = 409
            else:
                return redirect(_after(found, pages, number, form))
        status = 422 if form.errors else status
    context = {
        "case": found.case,
        "screening": found,
        "page": pages[number],
        "number": number + 1,
        "all": len(pages),
        "before": pages[number - 1] if number else None,
        "form": form,
        "differences": differences,
        "is_changed": status == 409,
        "pages": _progress(found, pages, saved),
    }
    return render(request, "cases/screening_page.html", context | _back(found.case), status=status)


@require_http_methods(["GET"])
def screening_danger(request: HttpRequest, reference: UUID) -> HttpResponse:
    """What to do now, for each danger that was answered with yes."""
    found = _screening(request, reference)
    saved = {answer.question: answer.said for answer in found.answers.all()}
    pages = screening_pages(found)
    dangers = [question for question in pages[0].questions if saved.get(question.code) in SEEN]
    context = {"case": found.case, "dangers": dangers, "next_url": _page_url(found, pages[1])}
    return render(request, "cases/screening_danger.html", context | _back(found.case))


@require_http_methods(["GET", "POST"])
def screening_result(request: HttpRequest, reference: UUID) -> HttpResponse:
    """What the signs say and why; the officer concludes."""
    found = _screening(request, reference)
    result = assess_screening(found)
    form = ConclusionForm(request.POST or None, advice=result.advice)
    if request.method == "POST" and form.is_valid():
        try:
            services.conclude_screening(
                reference,
                by=officer(request),
                conclusion=form.cleaned_data["conclusion"],
                dissent=form.cleaned_data["dissent"],
                on=form.cleaned_data["on"],
            )
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("The screening is concluded."))
            return redirect(case_url(found.case))
    pages = screening_pages(found)
    context = {
        "case": found.case,
        "screening": found,
        "result": result,
        "form": form,
        "last_page_url": _page_url(found, pages[-1]),
    }
    status = 422 if form.errors else 200
    return render(request, "cases/screening_result.html", context | _back(found.case), status=status)


def _screening(request: HttpRequest, reference: UUID) -> Screening:
    user = officer(request)
    found = policy.screenings.fetch(user, reference=reference)
    policy.require(user, Permission.CASES_SCREEN)
    record(Event.CASE_VIEWED, found.case, found.case.person, by=user)
    return found


def _initial(running: Screening | None) -> dict[str, Any]:
    if running is None:
        return {}
    age, _separator, about = running.profile.partition("_")
    return {"about": about, "age": age, "place": running.held_at_place, "held_on": running.held_on}


def _back(case: Any) -> dict[str, Any]:
    return {"back_url": case_url(case)}


def _page_url(found: Screening, page: Page) -> str:
    return reverse("cases:screening_page", args=[found.reference, page.name])


def _resume(found: Screening) -> str:
    """The first page with nothing answered; the result when there is none."""
    answered = set(found.answers.values_list("question", flat=True))
    for page in screening_pages(found):
        if not any(question.code in answered for question in page.questions):
            return _page_url(found, page)
    return reverse("cases:screening_result", args=[found.reference])


def _after(found: Screening, pages: tuple[Page, ...], number: int, form: QuestionsForm) -> str:
    if "leave" in form.data:
        return case_url(found.case)
    if pages[number].name == DANGER and any(said in SEEN for said in form.answers.values()):
        return reverse("cases:screening_danger", args=[found.reference])
    if number + 1 < len(pages):
        return _page_url(found, pages[number + 1])
    return reverse("cases:screening_result", args=[found.reference])


def _progress(found: Screening, pages: tuple[Page, ...], saved: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "title": page.title,
            "url": _page_url(found, page),
            "answered": sum(question.code in saved for question in page.questions),
            "asked": len(page.questions),
        }
        for page in pages
    ]


def _differences(found: Screening, form: QuestionsForm) -> list[dict[str, Any]]:
    saved: dict[str, Answer] = {answer.question: answer for answer in found.answers.select_related("by")}
    words = dict(Said.choices)
    return [
        {
            "label": question.text,
            "theirs": words[saved[question.code].said],
            "yours": words[form.answers[question.code]],
        }
        for question in form.page.questions
        if question.code in saved
        and question.code in form.answers
        and saved[question.code].said != form.answers[question.code]
    ]
