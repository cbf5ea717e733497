"""Invented support: what officers, partners and shelters do once protection has begun, told through the services.

Every act is that of an account that may do it, on a day that has come. What is waiting for an answer waits for one of
the accounts shown at start.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from kalkan.access.models import Institution, User
from kalkan.access.roles import InstitutionKind, Role
from kalkan.access.session import acting
from kalkan.assistance.lifecycle.papers import Verdict as PaperVerdict
from kalkan.assistance.lifecycle.permits import EXTENSION, FIRST
from kalkan.assistance.lifecycle.programmes import NeedLevel, Verdict
from kalkan.assistance.lifecycle.shelters import misfits
from kalkan.assistance.models import Permit, Programme, Promise, Referral, Shelter, Stay
from kalkan.assistance.selectors.programmes import language_of, support_consent
from kalkan.assistance.selectors.shelters import free_beds
from kalkan.assistance.services import evaluation, papers, permits, programmes, referral_moves, referrals, returns
from kalkan.assistance.services import pathways as needs
from kalkan.assistance.services import shelters as houses
from kalkan.audit.models import Channel
from kalkan.cases.lifecycle import Stage
from kalkan.cases.models import Case
from kalkan.persons import services as persons
from kalkan.vocabulary import selectors as vocabulary

LATELY = timedelta(days=60)
INVENTED = "Gösterim kaydı: bu metin uydurmadır."
# The specimen passport of ICAO Doc 9303: a state, a person and a number that do not exist.
SPECIMEN = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10"
# What the person is referred for: the purpose of the consent is the kind of service.
SERVICES = ("psychosocial", "legal_aid", "health")
CATEGORIES = {
    "psychosocial": ["identity", "contact"],
    "legal_aid": ["identity", "contact", "documents", "exploitation"],
    "health": ["identity", "contact", "location"],
}
AREAS = ("housing", "safety", "health", "psychosocial", "legal", "documents", "money", "work", "education")
# How far the referrals to the partner shown have come, one case after another.
ANSWERS = ("complete", "wait", "accept", "ask", "wait", "accept", "wait")


@dataclass(frozen=True)
class Story:
    """The support of one case. `number` counts the cases of the province shown, or those of all others.

    `foreigner` counts those among them who need a permit; none for a citizen.
    """

    case: Case
    number: int
    foreigner: int | None
    partner: User | None  # where the story is told with the accounts shown
    today: date

    @transaction.atomic
    def tell(self) -> None:
        """All of it, or nothing."""
        _Telling(self).tell()


def stories(*, shown: str, today: date | None = None) -> Iterator[Story]:
    """What is still to be told of the cases in protection that were opened lately; `shown` is a province's code.

    Each case has its own chance and its own number, so that a telling that was cut short goes on as it would have.
    """
    today = today or timezone.localdate()
    partner = _account(Role.PARTNER)
    lately = Case.objects.filter(source="kalkan", stage=Stage.PROTECTION, opened_on__gte=today - LATELY)
    told = set(Programme.objects.values_list("case", flat=True))
    numbers, foreigners = {True: 0, False: 0}, {True: 0, False: 0}
    for case in lately.select_related("person").order_by("pk"):
        is_shown, is_foreign = case.province_id == shown, "TR" not in case.person.citizenships
        if case.pk not in told:
            foreigner = foreigners[is_shown] if is_foreign else None
            yield Story(case, numbers[is_shown], foreigner, partner if is_shown else None, today)
        numbers[is_shown] += 1
        foreigners[is_shown] += is_foreign


class _Telling:
    """The acts of one story, in the order in which they happen."""

    def __init__(self, story: Story) -> None:
        self.case, self.number, self.foreigner = story.case, story.number, story.foreigner
        self.partner, self.today = story.partner, story.today
        self.chance = Random(f"{157}-{self.partner is not None}-{self.number}")
        self.officer = _account(Role.PROTECTION_OFFICER, self.case.province_id)
        self.decider = _account(Role.DECIDING_OFFICER, self.case.province_id)
        self.language = language_of(self.case.person)

    def tell(self) -> None:
        consent = support_consent(self.case.person, on=self.today)
        if consent is None:
            return
        begun = consent.given_on
        programme = self._begin(begun)
        self._work(programme, begun)
        ngo = self._ngo()
        self._serve(programme, ngo, begun)
        self._refer(ngo, begun)
        self._permit()
        self._ask_for_place()
        if self.partner is not None:
            self._one_of_each(programme, begun)

    def _begin(self, on: date) -> Programme:
        form = "read_together" if self.language == "tr" else "by_interpreter"
        programmes.give_information(
            self.case.reference, by=self.officer, sheet="information", language=self.language, form=form, on=on
        )
        return programmes.begin_programme(self.case.reference, by=self.officer, on=on)

    def _work(self, programme: Programme, begun: date) -> None:
        asked = self.chance.sample(AREAS, k=5)
        levels = {area: self.chance.choice(NeedLevel.values) for area in asked}
        programmes.assess_needs(programme.reference, by=self.officer, on=begun, levels=levels, note=INVENTED)
        for area in asked[:2]:
            target_on = self.today + timedelta(days=self.chance.randint(5, 60))
            programmes.set_goal(
                programme.reference, by=self.officer, area=area, institution=self.officer.institution,
                owner=self.officer, wording=INVENTED, target_on=target_on,
            )  # fmt: skip

    def _serve(self, programme: Programme, ngo: Institution, begun: date) -> None:
        programmes.record_service(
            programme.reference, by=self.officer, category="interpreting", institution=self.officer.institution,
            began_on=begun, ended_on=begun, quantity=Decimal(self.chance.randint(1, 3)), unit="hour", outcome="helped",
        )  # fmt: skip
        programmes.record_service(
            programme.reference, by=self.officer, category=self.chance.choice(("education", "employment", "cash")),
            institution=ngo, began_on=min(self.today, begun + timedelta(days=2)),
        )  # fmt: skip

    def _ngo(self) -> Institution:
        """The partner that has an account, or any other invented organisation."""
        if self.partner is not None:
            return self.partner.institution
        shown = _account(Role.PARTNER).institution_id
        invented = Institution.objects.filter(kind=InstitutionKind.NGO, is_invented=True).exclude(pk=shown)
        return self.chance.choice(list(invented.order_by("code")))

    def _refer(self, ngo: Institution, begun: date) -> None:
        service = SERVICES[self.number % len(SERVICES)]
        consent = persons.give_consent(
            self.case.person.reference, by=self.officer, purpose=service, recipient=ngo,
            categories=CATEGORIES[service], language=self.language, given_how="written", given_on=begun,
            guardian_agreed=True if self.case.is_child else None,
        )  # fmt: skip
        referral = referrals.refer(
            self.case.reference, by=self.officer, category=service, need=INVENTED, consent=consent.reference,
            is_urgent=self.number == 1,
        )  # fmt: skip
        if self.partner is not None:
            # The person's key reaches the receiver by the way that the database opens to whoever acts.
            with acting(Channel.COMMAND, self.partner):
                self._answer(referral, self.partner)

    def _answer(self, referral: Referral, partner: User) -> None:
        reference, version = referral.reference, referral.version
        match ANSWERS[self.number % len(ANSWERS)]:
            case "ask":
                referral_moves.ask(reference, by=partner, version=version, text=INVENTED)
            case "accept":
                referral_moves.accept(reference, by=partner, version=version)
            case "complete":
                accepted = referral_moves.accept(reference, by=partner, version=version)
                referral_moves.complete(
                    reference, by=partner, version=accepted.version, reason="provided", text=INVENTED
                )

    def _permit(self) -> None:
        """One asks for the first permit, one for an extension; the others have theirs. Citizens need none."""
        if self.foreigner is None:
            return
        begins = max(self.case.decided_on or self.today, self.today - timedelta(days=26))
        first = permits.request_permit(self.case.reference, by=self.officer, kind=FIRST, starts_on=begins)
        if self.foreigner == 2:
            return
        self._grant(first)
        if self.foreigner == 0:
            permits.request_permit(self.case.reference, by=self.officer, kind=EXTENSION, ground="safety")

    def _grant(self, permit: Permit) -> None:
        number = f"UYDURMA-{self.chance.randint(10**5, 10**6 - 1)}"
        permits.grant_permit(permit.reference, by=self.decider, number=number, version=permit.version)

    def _ask_for_place(self) -> None:
        """One more of the province shown asks the first house; some of the others live in one that takes them."""
        if self.case.stays.exists():
            return
        invented = list(Shelter.objects.filter(institution__is_invented=True).order_by("institution__code"))
        if self.partner is not None:
            if self.number == 5:
                self._ask(invented[0])
            return
        fitting = [house for house in invented if not self._misfits(house)]
        if self.number < 4 and fitting:
            house = fitting[self.number % len(fitting)]
            self._move_in(house, self._ask(house))

    def _misfits(self, house: Shelter) -> list[str]:
        return misfits(
            house.profiles, is_accessible=house.is_accessible, sex=self.case.person.sex, is_child=self.case.is_child,
            children=0, needs=[],
        )  # fmt: skip

    def _ask(self, house: Shelter) -> Stay:
        return houses.request_stay(
            self.case.reference, by=self.officer, shelter=house, urgency="soon", wanted_on=self.today
        )

    def _move_in(self, house: Shelter, stay: Stay) -> None:
        staff = _account(Role.SHELTER_STAFF, institution=house.institution)
        answers = {question.code: "no" for question in vocabulary.codes("stay_safety")}
        stay = houses.assess_stay(stay.reference, by=staff, version=stay.version, answers=answers)
        bed = free_beds(staff, house, self.today)[0]
        houses.admit(stay.reference, by=staff, version=stay.version, bed=bed.reference, on=self.today)

    def _one_of_each(self, programme: Programme, begun: date) -> None:
        """What the province shown has once: a report, a need, a document in doubt, a return; some of it overdue."""
        early = max(begun, self.today - timedelta(days=12))
        match self.number:
            case 0:
                report = evaluation.write_report(
                    programme.reference, by=self.officer, on=early, ground="needs_go_on", verdict=Verdict.CONTINUE,
                    reasoning=INVENTED,
                )  # fmt: skip
                _age(report.reference, since=early, today=self.today)
            case 1:
                opening = needs.Opening("medical", self.officer.institution)
                (opened,) = needs.open_needs(self.case.reference, [opening], by=self.officer, on=early, note=INVENTED)
                _age(opened.reference, since=early, today=self.today)
            case 2:
                police = _account(Role.FRONTLINE_OFFICER, self.case.province_id).institution
                opening = needs.Opening("domestic_violence", police)
                (opened,) = needs.open_needs(self.case.reference, [opening], by=self.officer, on=early)
                _age(opened.reference, since=early, today=self.today)
            case 3 | 4:
                papers.check_paper(
                    self.case.reference, by=self.officer, kind="passport", status="suspected_false", zone=SPECIMEN,
                    alterations=["photo_replaced"], verdict=PaperVerdict.DOUBT,
                    expert=_account(Role.DOCUMENT_EXPERT).institution,
                )  # fmt: skip
        if self.foreigner == 1:
            returns.offer_return(self.case.reference, by=self.officer, moment="during_support", on=self.today)


def _account(role: Role, province: str | None = None, *, institution: Institution | None = None) -> User:
    """The first invented account of that role, in that province or institution. Raises DoesNotExist."""
    found = User.objects.filter(role=role, is_invented=True).select_related("institution")
    if province is not None:
        found = found.filter(institution__province=province)
    if institution is not None:
        found = found.filter(institution=institution)
    return found.order_by("pk")[:1].get()


def _age(subject: UUID, *, since: date, today: date) -> None:
    """A promise is made at the moment of its telling: put it back to the day on which the story made it.

    What was due since then is overdue; what the telling made due at once was due two days ago, if that is later.
    """
    days = today - since
    for promise in Promise.objects.filter(subject=subject, kept_at=None, dropped_at=None):
        made = promise.made_at - days
        due = promise.due_at
        if due <= timezone.now():
            due = max(made, due - min(days, timedelta(days=2)))
        Promise.objects.filter(pk=promise.pk).update(made_at=made, due_at=due)
