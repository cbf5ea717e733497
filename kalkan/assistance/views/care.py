"""Pages of what goes with a programme: notes, companions, interpreters, legal aid, money, conferences."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kalkan.access.roles import Permission
from kalkan.access.sensitivity import name_for
from kalkan.assistance.forms import care as asked
from kalkan.assistance.models import Booking, Companion, Compensation, ConferenceDecision, LegalAid, Programme
from kalkan.assistance.policy import programmes as policy
from kalkan.assistance.selectors.duties import last_duty
from kalkan.assistance.services import care, claims
from kalkan.assistance.views.programmes import ProgrammeView
from kalkan.cases.models import Case
from kalkan.vocabulary.selectors import label


class NoteView(ProgrammeView):
    form_class = asked.NoteForm
    permissions = (Permission.CARE_VIEW,)
    title = gettext_lazy("Write a care note")
    submit = gettext_lazy("Save")
    done = gettext_lazy("The note is sealed.")

    def act(self, case: Case, form: Any) -> Any:
        return care.write_note(self.programme.reference, by=self.officer, **form.cleaned_data)


class CompanionView(ProgrammeView):
    form_class = asked.CompanionForm
    title = gettext_lazy("Add who came along")
    submit = gettext_lazy("Save")
    done = gettext_lazy("Who came along is recorded.")

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"by": self.officer}

    def act(self, case: Case, form: Any) -> Any:
        said = dict(form.cleaned_data)
        return care.add_companion(self.programme.reference, by=self.officer, other=said.pop("number"), **said)


class EndCompanionView(ProgrammeView):
    form_class = asked.OnForm
    title = gettext_lazy("No longer with the person")
    submit = gettext_lazy("Save")
    done = gettext_lazy("It is recorded.")
    companion: Companion

    def about(self) -> str:
        who = self.companion
        said = (("companion_relation", who.relation), ("sex", who.sex), ("age_band", who.age_band))
        return " · ".join(label(code_list, code) for code_list, code in said if code)

    def find(self, reference: UUID) -> Programme:
        self.companion = policy.companions.fetch(self.officer, reference=reference)
        return self.companion.programme

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"initial": {"version": self.companion.version}}

    def act(self, case: Case, form: Any) -> Any:
        return care.end_companion(self.companion.reference, by=self.officer, **form.cleaned_data)


class BookingView(ProgrammeView):
    form_class = asked.BookingForm
    title = gettext_lazy("Book an interpreter")
    submit = gettext_lazy("Book")
    done = gettext_lazy("The interpreter is booked.")

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"by": self.officer, "initial": {"language": next(iter(case.person.languages), "")}}

    def act(self, case: Case, form: Any) -> Any:
        names = ("code", "agency", "language", "begins_at", "ends_at", "request_key")
        said = {name: form.cleaned_data[name] for name in names}
        return care.book_interpreter(self.programme.reference, by=self.officer, **said)


class CancelBookingView(ProgrammeView):
    form_class = asked.PlainForm
    title = gettext_lazy("Cancel the booking")
    lead = gettext_lazy("The interpreter is free again at that time.")
    submit = gettext_lazy("Cancel the booking")
    done = gettext_lazy("The booking is cancelled.")
    is_danger = True
    booking: Booking

    def about(self) -> str:
        when = date_format(timezone.localtime(self.booking.begins_at), "j F Y, H:i")
        return f"{when} · {label('language', self.booking.language)}. {self.lead}"

    def find(self, reference: UUID) -> Programme:
        self.booking = policy.bookings.fetch(self.officer, reference=reference)
        return self.booking.programme

    def act(self, case: Case, form: Any) -> Any:
        return care.cancel_booking(self.booking.reference, by=self.officer)


class LegalAidView(ProgrammeView):
    form_class = asked.LegalAidForm
    title = gettext_lazy("Ask for legal aid")
    submit = gettext_lazy("Save")
    done = gettext_lazy("The request for legal aid is recorded.")

    def act(self, case: Case, form: Any) -> Any:
        return claims.ask_legal_aid(self.programme.reference, by=self.officer, **form.cleaned_data)


class StepView(ProgrammeView):
    form_class = asked.StepForm
    title = gettext_lazy("Step of legal aid")
    submit = gettext_lazy("Save")
    done = gettext_lazy("The step is recorded.")
    aid: LegalAid

    def about(self) -> str:
        return _("Bar association of %(place)s") % {"place": self.aid.bar.name}

    def find(self, reference: UUID) -> Programme:
        self.aid = policy.legal_aid.fetch(self.officer, reference=reference)
        return self.aid.programme

    def act(self, case: Case, form: Any) -> Any:
        return claims.record_legal_step(self.aid.reference, by=self.officer, **form.cleaned_data)


class ClaimView(ProgrammeView):
    form_class = asked.ClaimForm
    title = gettext_lazy("Claim for compensation")
    submit = gettext_lazy("Save")
    done = gettext_lazy("The claim is recorded.")

    def act(self, case: Case, form: Any) -> Any:
        return claims.claim_compensation(self.programme.reference, by=self.officer, **form.cleaned_data)


class ClaimDecidedView(ProgrammeView):
    form_class = asked.ClaimDecidedForm
    title = gettext_lazy("Outcome of the claim")
    submit = gettext_lazy("Save")
    done = gettext_lazy("The outcome is recorded.")
    claim: Compensation

    def about(self) -> str:
        claimed = {
            "amount": number_format(self.claim.claimed, 2, force_grouping=True),
            "currency": self.claim.currency,
        }
        return _("Claimed were %(amount)s %(currency)s.") % claimed

    def find(self, reference: UUID) -> Programme:
        self.claim = policy.compensations.fetch(self.officer, reference=reference)
        return self.claim.programme

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"initial": {"version": self.claim.version}}

    def act(self, case: Case, form: Any) -> Any:
        return claims.decide_compensation(self.claim.reference, by=self.officer, **form.cleaned_data)


class CashView(ProgrammeView):
    form_class = asked.CashForm
    title = gettext_lazy("Record cash support")
    submit = gettext_lazy("Save")
    done = gettext_lazy("The cash support is recorded.")

    def act(self, case: Case, form: Any) -> Any:
        return claims.grant_cash(self.programme.reference, by=self.officer, **form.cleaned_data)


class ConferenceView(ProgrammeView):
    form_class = asked.ConferenceForm
    title = gettext_lazy("Record a case conference")
    lead = gettext_lazy("Each decision is owed by the institution that does it, and it is reminded.")
    submit = gettext_lazy("Save")
    done = gettext_lazy("The conference is recorded.")

    def form_options(self, case: Case) -> dict[str, Any]:
        return {"by": self.officer}

    def act(self, case: Case, form: Any) -> Any:
        said = form.cleaned_data
        return claims.hold_conference(
            self.programme.reference, by=self.officer, on=said["on"], institutions=form.guests,
            decisions=form.decisions, note=said["note"], request_key=said["request_key"],
        )  # fmt: skip


class DecisionView(ProgrammeView):
    form_class = asked.DecisionForm
    title = gettext_lazy("Decision of a conference")
    lead = gettext_lazy("Say when it was done, or why it will not be.")
    submit = gettext_lazy("Save")
    done = gettext_lazy("The decision is settled.")
    template = "assistance/programme/decision.html"
    decision: ConferenceDecision

    def about(self) -> str:
        owed = self.decision
        return f"{name_for(self.officer, owed.institution)} · {date_format(owed.due_on, 'j F Y')}. {self.lead}"

    def find(self, reference: UUID) -> Programme:
        self.decision = policy.decisions.fetch(self.officer, reference=reference)
        return self.decision.conference.programme

    def more(self, case: Case) -> dict[str, Any]:
        duty = last_duty(self.decision, self.officer)
        return {"decision": self.decision, "programme": self.programme, "duty": duty}

    def act(self, case: Case, form: Any) -> Any:
        on, reason = form.cleaned_data["on"], form.cleaned_data["reason"]
        if form.cleaned_data["move"] == "drop":
            return claims.drop_decision(self.decision.reference, by=self.officer, on=on, reason=reason)
        return claims.do_decision(self.decision.reference, by=self.officer, on=on)
