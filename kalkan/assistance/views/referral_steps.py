"""The steps of a referral, one question of work a page; the sealed letter; and what its one-time code opens."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any, ClassVar
from uuid import UUID

from allauth.core.internal import ratelimit
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views import View
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from kalkan.access.concurrency import Changed
from kalkan.access.models import User
from kalkan.access.roles import Permission
from kalkan.assistance.forms.referrals import LetterForm, NoteForm, OnwardForm, RetrieveForm, StepForm
from kalkan.assistance.lifecycle.referrals import BY_NAME, LIVE, why_not
from kalkan.assistance.models import Referral
from kalkan.assistance.policy import referrals as policy
from kalkan.assistance.selectors.referrals import is_refused, said, unspoken
from kalkan.assistance.services import referral_letters, referral_moves
from kalkan.assistance.services.referral_moves import PARTIES
from kalkan.assistance.services.referrals import preview_onward, refer_onward
from kalkan.cases import policy as cases
from kalkan.cases.forms import ConfirmForm
from kalkan.cases.forms.fields import shown
from kalkan.cases.lifecycle import NotPossible
from kalkan.cases.views.base import officer

Words = str | Promise
ACTS: dict[str, Callable[..., Any]] = {
    "accept": referral_moves.accept,
    "decline": referral_moves.decline,
    "ask": referral_moves.ask,
    "answer": referral_moves.answer,
    "return": referral_moves.give_back,
    "complete": referral_moves.complete,
    "withdraw": referral_moves.withdraw,
}
LEADS: dict[str, Words] = {
    "accept": gettext_lazy("You take the person on. The sender knows at once; you report back when the work is done."),
    "decline": gettext_lazy("The sender looks for another place at once. What was passed on closes for you."),
    "ask": gettext_lazy("The sender answers you here. Until then your term to answer rests."),
    "answer": gettext_lazy("Only the receiver reads this. Its term to answer begins anew."),
    "return": gettext_lazy("You hand the person back before the work is done. What was passed on closes for you."),
    "complete": gettext_lazy("The sender reads your report. What was passed on closes for you."),
    "withdraw": gettext_lazy("The receiver sees nothing of the person from this moment on."),
}


class ReferralView(View):
    """A form about one referral. `act` does the work; what it refuses is said on the page, with what was typed."""

    permissions: ClassVar[tuple[Permission, ...]] = PARTIES
    title: Words = ""
    lead: Words = ""
    submit: Words = ""
    done: Words = ""
    is_checked = False
    is_danger = False

    @property
    def officer(self) -> User:
        return officer(self.request)

    def make_form(self, found: Referral, data: Any = None) -> forms.Form:
        raise NotImplementedError

    def act(self, found: Referral, form: forms.Form) -> Any:
        raise NotImplementedError

    def refusal(self, found: Referral) -> str:
        """Why the page is of no use now; nothing where it is."""
        return "" if found.status in LIVE else str(why_not("", "live"))

    def get(self, request: HttpRequest, reference: UUID) -> HttpResponse:
        found = self._allowed(reference)
        refusal = self.refusal(found)
        if refusal:
            messages.warning(request, refusal)
            return redirect("assistance:referral", found.reference)
        return self.show(found, self.make_form(found))

    def post(self, request: HttpRequest, reference: UUID) -> HttpResponse:
        found = self._allowed(reference)
        form = self.make_form(found, request.POST)
        if not form.is_valid() or "change" in request.POST:
            return self.show(found, form, status=200 if form.is_valid() else 422)
        try:
            if self.is_checked and "confirmed" not in request.POST:
                return self.check(found, form)
            answer = self.act(found, form)
        except NotPossible as refusal:
            form.add_error(None, str(refusal))
            return self.show(found, form, status=422)
        except Changed as changed:
            form.data = request.POST.copy()
            form.data["version"] = str(changed.current.version)
            return self.show(changed.current, form, status=409, changed=True)
        if isinstance(answer, HttpResponse):
            return answer
        if self.done:
            messages.success(request, str(self.done))
        return redirect("assistance:referral", found.reference)

    def show(self, found: Referral, form: forms.Form, *, status: int = 200, **extra: Any) -> HttpResponse:
        context = self._frame(found) | {"form": form} | extra
        return render(self.request, "assistance/referrals/step.html", context, status=status)

    def check(self, found: Referral, form: forms.Form, **extra: Any) -> HttpResponse:
        confirm = ConfirmForm(form, self.request.POST)
        context = self._frame(found) | {"form": confirm, "answers": shown(form)} | extra
        return render(self.request, "assistance/referrals/check.html", context)

    def _frame(self, found: Referral) -> dict[str, Any]:
        back = reverse("assistance:referral", args=[found.reference])
        return {
            "referral": found,
            "title": self.title,
            "lead": self.lead,
            "submit_label": self.submit,
            "back_url": back,
            "cancel_url": back,
            "is_danger": self.is_danger,
        }

    def _allowed(self, reference: UUID) -> Referral:
        found = policy.referrals.fetch(self.officer, own=True, reference=reference)
        cases.require_any(self.officer, self.permissions)
        return found


class StepView(ReferralView):
    """One move of the table."""

    name = ""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.move = BY_NAME[self.name]
        self.title = self.submit = self.move.title
        self.lead, self.done = LEADS[self.name], self.move.done
        self.is_checked = self.name in ("decline", "return", "complete", "withdraw")
        self.is_danger = self.name in ("decline", "return", "withdraw")

    def make_form(self, found: Referral, data: Any = None) -> forms.Form:
        return StepForm(data, move=self.move, initial={"version": found.version})

    def refusal(self, found: Referral) -> str:
        if any(move.name == self.name for move in referral_moves.open_moves(found, self.officer)):
            return ""
        return _("This step is not yours to take now. The page below says where the referral stands.")

    def act(self, found: Referral, form: forms.Form) -> Any:
        ACTS[self.name](found.reference, by=self.officer, **form.cleaned_data)


class NoteView(ReferralView):
    title = submit = gettext_lazy("Write to the other party")
    lead = gettext_lazy("Both parties of the referral read this while it lives.")
    done = gettext_lazy("The message is sent.")

    def make_form(self, found: Referral, data: Any = None) -> forms.Form:
        return NoteForm(data)

    def act(self, found: Referral, form: forms.Form) -> Any:
        referral_moves.write_note(found.reference, by=self.officer, text=form.cleaned_data["text"])


class SeenToView(ReferralView):
    title = gettext_lazy("Other help is found")
    lead = gettext_lazy(
        "Say so once somebody else helps the person, or the help is not needed any more. A new referral of yours for "
        "the same service says it by itself."
    )
    submit = gettext_lazy("Other help is found")
    done = gettext_lazy("It is recorded that other help was found.")

    def make_form(self, found: Referral, data: Any = None) -> forms.Form:
        return forms.Form(data)

    def refusal(self, found: Referral) -> str:
        is_owed = policy.is_sender(self.officer, found) and is_refused(found)
        return "" if is_owed else str(why_not("", "nothing_owed"))

    def act(self, found: Referral, form: forms.Form) -> Any:
        referral_moves.see_to(found.reference, by=self.officer)


class OnwardView(ReferralView):
    permissions = (Permission.REFERRALS_ANSWER,)
    title = gettext_lazy("Refer on to another institution")
    lead = gettext_lazy(
        "The next institution sees no more than you were told, and only what the person agreed that it is told."
    )
    submit = gettext_lazy("Refer on")
    done = gettext_lazy("The person is referred on. You see the answer among the referrals that you sent.")
    is_checked = True

    def make_form(self, found: Referral, data: Any = None) -> forms.Form:
        return OnwardForm(data, by=self.officer)

    def check(self, found: Referral, form: forms.Form, **extra: Any) -> HttpResponse:
        asked = {name: form.cleaned_data[name] for name in ("category", "need")}
        receiver = UUID(form.cleaned_data["receiver"])
        basis, fields = preview_onward(found.reference, by=self.officer, receiver=receiver, **asked)
        silent = unspoken(basis.purpose, basis.categories, fields)
        return super().check(found, form, receiver=basis.receiver, package=said(fields), unspoken=silent, **extra)

    def act(self, found: Referral, form: forms.Form) -> Any:
        answers = form.cleaned_data | {"receiver": UUID(form.cleaned_data["receiver"])}
        refer_onward(found.reference, by=self.officer, **answers)


class LetterView(ReferralView):
    """The letter is shown once, with its code; whoever reloads the page makes a new one, and the old code is void."""

    permissions = (Permission.REFERRALS_SEND,)
    title = gettext_lazy("Sealed letter")
    lead = gettext_lazy(
        "For a receiver without an account. The letter tells nothing of the person: its one-time code opens the "
        "package once, within two weeks."
    )
    submit = gettext_lazy("Make the letter")

    def make_form(self, found: Referral, data: Any = None) -> forms.Form:
        return LetterForm(data)

    def act(self, found: Referral, form: forms.Form) -> Any:
        address = self.request.build_absolute_uri(reverse("assistance:retrieve"))
        letter = referral_letters.make_letter(
            found.reference, by=self.officer, retrieval_url=address, **form.cleaned_data
        )
        # Inside the page, because a second request for the file would need the code to be kept.
        shown = {"letter": letter, "pdf": b64encode(letter.pdf).decode()}
        return render(self.request, "assistance/referrals/letter.html", self._frame(found) | shown)


@login_not_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def retrieve(request: HttpRequest) -> HttpResponse:
    """Number and code of a sealed letter show its package once; nobody is signed in."""
    form = RetrieveForm(request.POST or None)
    if request.method != "POST":
        return render(request, "assistance/referrals/retrieve.html", {"form": form})
    if not ratelimit.consume(request, app="allauth.account", action="retrieve_referral"):
        form.is_valid()
        form.add_error(None, _("Too many attempts. Wait a few minutes, then try again."))
        return render(request, "assistance/referrals/retrieve.html", {"form": form}, status=429)
    if form.is_valid():
        try:
            found = referral_letters.retrieve(form.cleaned_data["number"], form.cleaned_data["code"])
        except referral_letters.NotRetrieved:
            form.add_error(
                None, _("This number and code open nothing. Check both, or ask the sender for a new letter.")
            )
        else:
            context = {"found": found, "answers": said(found.fields)}
            return render(request, "assistance/referrals/retrieved.html", context)
    return render(request, "assistance/referrals/retrieve.html", {"form": form}, status=422)
