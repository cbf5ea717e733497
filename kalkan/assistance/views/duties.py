"""The narrow page of an institution that owes something to a person whose case it does not hold."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kalkan.access.policy import require
from kalkan.access.roles import Permission
from kalkan.assistance.forms.duties import AnswerForm
from kalkan.assistance.lifecycle.promises import BY_CODE
from kalkan.assistance.policy.duties import is_owed_by
from kalkan.assistance.selectors.duties import duty_about, referral_behind, settling_page
from kalkan.assistance.services.duties import answer_duty
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.views.base import officer


@require_http_methods(["GET", "POST"])
def owed(request: HttpRequest, reference: UUID) -> HttpResponse:
    """What a plan asks of an institution: kind, area, day, asker, the way to a live referral, and the answer.

    Whoever runs the programme is led to the part of the plan itself, where the answer is settled.
    """
    user = officer(request)
    require(user, Permission.CASES_VIEW)
    duty = duty_about(reference, user)
    in_the_plan = settling_page(duty, user)
    if in_the_plan:
        return redirect(in_the_plan)
    may_answer = is_owed_by(user, duty) and duty.is_owed
    form = AnswerForm(request.POST or None) if may_answer else None
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            answer_duty(reference, by=user, **form.cleaned_data)
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("Your answer is recorded. The institution that asks settles it in the plan."))
            return redirect("assistance:owed", reference)
    record(Event.DUTY_VIEWED, duty.promise, by=user)
    context = {
        "duty": duty,
        "kind": BY_CODE[duty.promise.kind].label,
        "form": form,
        "is_own": is_owed_by(user, duty),
        "referral": referral_behind(duty, user) if is_owed_by(user, duty) else None,
    }
    return render(request, "assistance/promises/owed.html", context, status=422 if form and form.errors else 200)
