"""The draft by one officer, the decision by another, and the reconsideration of a refusal by others than both."""

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from kalkan.access import concurrency
from kalkan.access.models import User
from kalkan.access.roles import Permission
from kalkan.audit.events import Event
from kalkan.audit.services import record
from kalkan.cases import lifecycle, policy
from kalkan.cases.lifecycle import MOVE_OF_OUTCOME, SUPPORT_PURPOSES, NotPossible, Outcome
from kalkan.cases.models import Case, Decision
from kalkan.cases.selectors.hands import has_identification_interview, interviewed, made_a_refusal
from kalkan.cases.services.screening import follow_childhood
from kalkan.cases.services.steps import check_codes, move_case, take
from kalkan.persons import selectors as persons_selectors
from kalkan.persons import services as persons
from kalkan.vocabulary import selectors as vocabulary
from kalkan.vocabulary.models import Provision

# For a child the means are irrelevant (Penal Code art. 80/3): neither found nor missing means are a ground.
GROUNDS_OF_MEANS = frozenset({"means_shown", "no_means"})


@transaction.atomic
def draft_decision(
    reference: UUID,
    *,
    by: User,
    on: date,
    proposed: str,
    act_found: bool | None,
    means_found: bool | None,
    purpose_found: bool | None,
    grounds_codes: Iterable[str],
    provision: str,
    grounds: str,
    request_key: UUID | None = None,
) -> Decision:
    """Propose a decision with grounds and the provision (its code) that it rests on.

    After a refusal the draft reconsiders it, and comes from none of those who made it. For a child `means_found`
    is None: the question is never asked.
    """
    made = concurrency.already_made(Decision.objects.filter(drafted_by=by), request_key)
    if made is not None:
        return made
    case = policy.cases.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.CASES_IDENTIFY)
    follow_childhood(case)
    codes = list(dict.fromkeys(grounds_codes))
    has_elements = bool(act_found and purpose_found and (case.is_child or means_found))
    facts = {
        "migration_authority": policy.is_of_the_authority(by),
        "identification_interview": has_identification_interview(case),
        "outcome": proposed if proposed in (Outcome.RECOGNISED, Outcome.NOT_RECOGNISED) else "",
        "elements": proposed != Outcome.RECOGNISED or has_elements,
        "grounds": codes if grounds.strip() else [],
        "provision": provision,
        "other_hand": not made_a_refusal(case, by),
    }
    lifecycle.check("draft_decision", stage=case.stage, facts=facts)
    check_codes("draft_decision", "ground", codes)
    if case.is_child and (means_found is not None or GROUNDS_OF_MEANS & set(codes)):
        message = _("This is a child's case: the means are never asked, and are no ground.")
        raise NotPossible("draft_decision", message, missing="means_found")

    rule = _ground(provision, on)

    decision = Decision.objects.create(
        case=case,
        is_child=case.is_child,
        act_found=act_found,
        means_found=means_found,
        purpose_found=purpose_found,
        proposed=proposed,
        grounds_codes=codes,
        provision=rule,
        grounds=persons.seal_text(case.person, "grounds", grounds.strip(), by=by),
        drafted_by=by,
        drafted_on=on,
        reconsiders=case.decisions.filter(outcome=Outcome.NOT_RECOGNISED).order_by("-id").first(),
        request_key=request_key,
    )
    move_case(case, "draft_decision", by=by, on=on, facts=facts | {"decision": str(decision.reference)})
    facts_of_event = {"decision": str(decision.reference), "proposed": str(proposed)}
    record(Event.DECISION_DRAFTED, case, case.person, by=by, facts=facts_of_event)
    return decision


def _ground(code: str, on: date) -> Provision:
    grounds = {rule.code: rule for rule in vocabulary.provisions(kind=Provision.Kind.GROUND, on=on)}
    if code not in grounds:
        message = _("This provision is no ground of a decision, or did not hold on that day.")
        raise NotPossible("draft_decision", message, missing="provision")
    return grounds[code]


@transaction.atomic
def decide(reference: UUID, *, by: User, on: date, outcome: str, reasons: str, version: int) -> Decision:
    """Decide on the draft of another officer: recognise, do not recognise, or ask for more facts.

    `version` is that of the case as the officer saw it; raises Changed if the case moved on since.
    """
    case = policy.cases.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.CASES_DECIDE)
    if outcome not in Outcome.values:
        raise NotPossible("decide", _("Say what you decide."), missing="outcome")
    concurrency.claim(case, version)
    draft = case.decisions.select_for_update().filter(decided_by=None).first()
    name = MOVE_OF_OUTCOME[Outcome(outcome)]
    facts: dict[str, Any] = {
        "migration_authority": policy.is_of_the_authority(by),
        "another_hand": draft is not None and draft.drafted_by_id != by.pk and not interviewed(case, by),
        "other_hand": not made_a_refusal(case, by),
        "grounds": draft.grounds_codes if draft else [],
        "provision": draft.provision.code if draft else "",
        "reason": bool(reasons.strip()),
    }
    lifecycle.check(name, stage=case.stage, facts=facts)
    if draft is None:
        raise NotPossible(name, _("There is no draft to decide on."))
    follow_childhood(case)
    if outcome != Outcome.MORE_FACTS and draft.is_child != case.is_child:
        message = _("The draft was written when other rules held for the person's age. Ask for more facts.")
        raise NotPossible(name, message, missing="is_child")

    draft.outcome, draft.decided_by, draft.decided_on = outcome, by, on
    draft.reasons = persons.seal_text(case.person, "reasons", reasons.strip(), by=by)
    draft.version += 1
    draft.save()
    if outcome != Outcome.MORE_FACTS:
        case.outcome, case.decided_on = outcome, on
    if outcome == Outcome.RECOGNISED:
        case.assigned_to = None
    move_case(case, name, by=by, on=on, facts=facts | {"decision": str(draft.reference)})
    facts_of_event = {"decision": str(draft.reference), "outcome": str(outcome)}
    record(Event.DECISION_MADE, case, case.person, by=by, facts=facts_of_event)
    return draft


@transaction.atomic
def reconsider(reference: UUID, *, by: User, on: date, reason: str) -> Case:
    """Take up a refused case again on new facts, by an officer who had no hand in the refusal."""
    case = policy.cases.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.CASES_IDENTIFY)
    facts = {
        "migration_authority": policy.is_of_the_authority(by),
        "other_hand": not made_a_refusal(case, by),
        "reason": bool(reason.strip()),
    }
    lifecycle.check("reconsider", stage=case.stage, facts=facts)

    text = persons.seal_text(case.person, "reconsideration", reason.strip(), by=by)
    case.outcome, case.decided_on, case.assigned_to = "", None, by
    move_case(case, "reconsider", by=by, on=on, facts=facts | {"text": str(text.reference)})
    return case


@transaction.atomic
def begin_protection(reference: UUID, *, by: User, on: date) -> Case:
    """Begin the support of a recognised victim, who has consented to at least one kind of it."""
    case = policy.cases.fetch(by, lock=True, reference=reference)
    policy.require(by, Permission.CASES_PROTECT)
    consents = [
        consent
        for consent in persons_selectors.live_consents(case.person, on=on)
        if consent.purpose in SUPPORT_PURPOSES
    ]
    take(case, by=by, permission=Permission.CASES_PROTECT)
    move_case(case, "begin_protection", by=by, on=on, facts={"consent": [str(one.reference) for one in consents]})
    return case
