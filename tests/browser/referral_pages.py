"""Every page of referrals by name, as the sender and as the receivers open them."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils import timezone

from kalkan.access.models import Institution, User
from kalkan.access.roles import Role
from kalkan.assistance.models import Referral
from kalkan.assistance.services import referral_letters
from kalkan.assistance.services import referral_moves as moves
from kalkan.assistance.services.referrals import refer
from kalkan.cases.models import Case
from kalkan.persons import services as persons
from tests.assistance.referral_story import NEED, Cast, acts, consented, make_cast, referred
from tests.browser.shown import Shown
from tests.cases.story import Province
from tests.factories import make_case, make_user

WORDS = "Uydurma: bu sözler bir deneme içindir."


def referrals(team: Province, case: Case) -> Iterator[Shown]:
    """A referral at every status, beside those of `case`; and one who consented to nothing yet."""
    cast = make_cast()
    by, partner = cast.protector, cast.partner
    unasked = make_case(institution=team.directorate, stage="protection")
    quiet = referred(cast, category="health", consent=consented(cast, purpose="health", to=cast.quiet_ngo))
    told = _told(cast)  # after it: a new referral for the same service is what a declined one asks for
    _of(team, case, cast.ngo)
    consent = consented(cast, purpose="interpreting", categories=("identity", "documents"))
    answers = {"basis": f"consent:{consent.reference}", "category": "interpreting", "need": NEED}
    yield _page("refer", by, cast.case.reference)
    yield _page("refer", by, cast.case.reference, name="refer-check", answers=answers)
    yield _page("refer", team.protector, unasked.reference, name="refer-without-consent")
    for user, name in ((by, "sender"), (partner, "receiver"), (make_user(Role.PARTNER), "empty")):
        yield _page("referrals", user, name=f"referrals-{name}")
    for status, one in told.items():
        yield _page("referral", partner, one.reference, name=f"referral-{status}-receiver")
        yield _page("referral", by, one.reference, name=f"referral-{status}-sender")
    for act in ("accept", "decline", "ask"):
        yield _page(f"referral_{act}", partner, told["sent"].reference)
    yield _page("referral_answer", by, told["asked"].reference)
    for act in ("return", "complete", "note", "onward"):
        yield _page(f"referral_{act}", partner, told["accepted"].reference)
    done = {"reason": "partly", "text": WORDS}
    yield _page("referral_complete", partner, told["accepted"].reference, name="referral-complete-check", answers=done)
    yield _page("referral_withdraw", by, told["sent"].reference)
    yield _page("referral_seen_to", by, told["declined"].reference)
    yield _page("referral", by, quiet.reference, name="referral-without-account")
    yield from _letter(by, quiet)


def _letter(by: User, quiet: Referral) -> Iterator[Shown]:
    """A new letter makes the code of the last one void, so its page comes last."""
    address = f"https://kalkan.invalid{reverse('assistance:retrieve')}"
    with acts(by):
        letter = referral_letters.make_letter(quiet.reference, by=by, retrieval_url=address)
    yield _page("retrieve", None)
    yield _page("retrieve", None, name="retrieved", answers={"number": letter.number, "code": letter.code})
    yield _page("referral_letter", by, quiet.reference)
    yield _page("referral_letter", by, quiet.reference, name="referral-letter-made", answers={})


def _told(cast: Cast) -> dict[str, Referral]:
    """To one partner, by status."""
    purposes = {
        "sent": "psychosocial", "asked": "legal_aid", "accepted": "education_work", "completed": "interpreting",
        "revoked": "family_contact", "declined": "health",
    }  # fmt: skip
    categories = {"education_work": "employment", "family_contact": "family_tracing"}
    consents = {status: consented(cast, purpose=purpose) for status, purpose in purposes.items()}
    found = {
        status: referred(cast, category=categories.get(purpose, purpose), consent=consents[status])
        for status, purpose in purposes.items()
    }
    partner = cast.partner
    with acts(partner):
        moves.ask(found["asked"].reference, by=partner, version=1, text=WORDS)
        moves.accept(found["accepted"].reference, by=partner, version=1)
        moves.write_note(found["accepted"].reference, by=partner, text=WORDS)
        moves.decline(found["declined"].reference, by=partner, version=1, reason="full")
        taken = moves.accept(found["completed"].reference, by=partner, version=1)
        moves.complete(taken.reference, by=partner, version=taken.version, reason="provided", text=WORDS)
    persons.withdraw_consent(consents["revoked"].reference, by=cast.protector)
    return found


def _of(team: Province, case: Case, to: Institution) -> None:
    """The person of this case referred there, and an answer awaited."""
    consent = persons.give_consent(
        case.person.reference, by=team.protector, purpose="legal_aid", recipient=to, categories=["identity"],
        language="tr", given_how="written", given_on=timezone.localdate(),
    )  # fmt: skip
    refer(case.reference, by=team.protector, category="legal_aid", need=NEED, consent=consent.reference)


def _page(path: str, user: User | None, *rows: Any, name: str = "", answers: dict[str, Any] | None = None) -> Shown:
    return Shown(name or path.replace("_", "-"), user, reverse(f"assistance:{path}", args=rows), answers)
