"""The doors to what a person receives, topic by topic."""

from kalkan.access.roles import Permission
from kalkan.web.doors.page import Kind, Page, pages

_P = Permission

_PATHWAYS = (
    *pages("assistance:needs", needs=(_P.PATHWAYS_WORK,), of=Kind.CASE),
    *pages("assistance:pathway", needs=(_P.CASES_VIEW,), of=Kind.PATHWAY),
    *pages(
        "assistance:take_up_need",
        "assistance:step_need",
        "assistance:hand_over_need",
        "assistance:close_need",
        needs=(_P.PATHWAYS_WORK,),
        of=Kind.PATHWAY,
    ),
    *pages("assistance:need_note", needs=(_P.PERSONS_REVEAL,), of=Kind.PATHWAY),
    *pages("assistance:check_paper", needs=(_P.PAPERS_CHECK,), of=Kind.CASE),
    *pages("assistance:paper", needs=(_P.CASES_VIEW,), of=Kind.PAPER),
    *pages("assistance:papers_to_examine", needs=(_P.PAPERS_EXAMINE,)),
    *pages("assistance:examine_paper", needs=(_P.PAPERS_EXAMINE,), of=Kind.PAPER),
)

_DIRECTORY = (
    *pages("assistance:directory", needs=(_P.DIRECTORY_VIEW,)),
    *pages("assistance:service", needs=(_P.DIRECTORY_VIEW,), of=Kind.SERVICE),
    *pages("assistance:own_services", "assistance:add_service", needs=(_P.DIRECTORY_MANAGE,)),
    *pages(
        "assistance:change_service",
        "assistance:verify_service",
        "assistance:withdraw_service",
        "assistance:offer_again",
        needs=(_P.DIRECTORY_MANAGE,),
        of=Kind.SERVICE,
    ),
    *pages("assistance:export_directory", needs=(_P.EXPORT_RUN,)),
)

_REFERRALS = (
    *pages("assistance:referrals", needs=(_P.REFERRALS_VIEW,)),
    *pages("assistance:referral", needs=(_P.REFERRALS_VIEW,), of=Kind.REFERRAL),
    *pages("assistance:refer", needs=(_P.REFERRALS_SEND,), of=Kind.CASE),
    *pages(
        "assistance:referral_accept",
        "assistance:referral_decline",
        "assistance:referral_ask",
        "assistance:referral_answer",
        "assistance:referral_return",
        "assistance:referral_complete",
        "assistance:referral_withdraw",
        "assistance:referral_note",
        "assistance:referral_seen_to",
        needs=(_P.REFERRALS_ANSWER, _P.REFERRALS_SEND),
        of=Kind.REFERRAL,
    ),
    *pages("assistance:referral_onward", needs=(_P.REFERRALS_ANSWER,), of=Kind.REFERRAL),
    *pages("assistance:referral_letter", needs=(_P.REFERRALS_SEND,), of=Kind.REFERRAL),
    Page("assistance:retrieve", frozenset(), is_public=True),
)

_PROGRAMMES = (
    *pages("assistance:sheet", needs=(_P.CASES_VIEW,)),
    *pages("assistance:give_information", needs=(_P.CONSENT_RECORD,), of=Kind.CASE),
    *pages("assistance:begin_programme", needs=(_P.PROGRAMME_WORK,), of=Kind.CASE),
    *pages(
        "assistance:programme", needs=(_P.PROGRAMME_WORK, _P.PROGRAMME_APPROVE, _P.CASES_OVERSEE), of=Kind.PROGRAMME
    ),
    *pages("assistance:programme_text", needs=(_P.PERSONS_REVEAL,), of=Kind.PROGRAMME),
    *pages("assistance:owed", needs=(_P.CASES_VIEW,), of=Kind.DUTY),
    *pages("assistance:report", needs=(_P.PROGRAMME_WORK, _P.PROGRAMME_APPROVE), of=Kind.PROGRAMME),
    *pages("assistance:programme_note", "assistance:care_note", needs=(_P.CARE_VIEW,), of=Kind.PROGRAMME),
    *pages(
        "assistance:programme_needs",
        "assistance:programme_goal",
        "assistance:goal",
        "assistance:programme_service",
        "assistance:end_service",
        "assistance:programme_review",
        "assistance:hand_programme",
        "assistance:programme_report",
        "assistance:programme_companion",
        "assistance:end_companion",
        "assistance:programme_booking",
        "assistance:cancel_booking",
        "assistance:programme_legal_aid",
        "assistance:legal_step",
        "assistance:programme_compensation",
        "assistance:decide_compensation",
        "assistance:programme_cash",
        "assistance:programme_conference",
        "assistance:conference_decision",
        needs=(_P.PROGRAMME_WORK,),
        of=Kind.PROGRAMME,
    ),
)

_SHELTERS = (
    *pages(
        "assistance:shelter",
        "assistance:shelter_profile",
        "assistance:beds",
        "assistance:shifts",
        "assistance:report_incident",
        needs=(_P.STAYS_MANAGE,),
    ),
    *pages("assistance:close_bed", "assistance:open_bed", needs=(_P.STAYS_MANAGE,), of=Kind.PLACE),
    *pages("assistance:occupancy", needs=(_P.OCCUPANCY_VIEW,)),
    *pages("assistance:stay", "assistance:incident", needs=(_P.STAYS_MANAGE, _P.STAYS_REQUEST), of=Kind.STAY),
    *pages(
        "assistance:assess_stay",
        "assistance:admit",
        "assistance:keep_waiting",
        "assistance:decline_stay",
        "assistance:move_bed",
        "assistance:end_stay",
        "assistance:review_stay",
        "assistance:absence",
        "assistance:end_absence",
        needs=(_P.STAYS_MANAGE,),
        of=Kind.STAY,
    ),
    *pages("assistance:withdraw_stay", "assistance:see_to_stay", needs=(_P.STAYS_REQUEST,), of=Kind.STAY),
    *pages("assistance:incident_account", needs=(_P.PERSONS_REVEAL,), of=Kind.STAY),
    *pages("assistance:request_stay", needs=(_P.STAYS_REQUEST,), of=Kind.CASE),
)

_PERMIT_WORK = (_P.PERMITS_REQUEST, _P.PERMITS_DECIDE)
_RETURN_WORK = (_P.RETURNS_PLAN, _P.RETURNS_APPROVE)
_PERMITS = (
    *pages("assistance:all_permits", needs=_PERMIT_WORK),
    *pages("assistance:all_returns", needs=_RETURN_WORK),
    *pages("assistance:permits", needs=_PERMIT_WORK, of=Kind.CASE),
    *pages("assistance:request_permit", needs=(_P.PERMITS_REQUEST,), of=Kind.CASE),
    *pages("assistance:leave_permit", needs=(_P.PERMITS_REQUEST,), of=Kind.PERMIT),
    *pages("assistance:permit", needs=_PERMIT_WORK, of=Kind.PERMIT),
    *pages("assistance:permit_number", needs=_PERMIT_WORK, of=Kind.PERMIT),
    *pages("assistance:decide_permit", "assistance:cancel_permit", needs=(_P.PERMITS_DECIDE,), of=Kind.PERMIT),
    *pages("assistance:offer_return", needs=(_P.RETURNS_PLAN,), of=Kind.CASE),
    *pages("assistance:return", "assistance:return_text", needs=_RETURN_WORK, of=Kind.RETURN),
    *pages(
        "assistance:assess_return",
        "assistance:decide_return",
        "assistance:arrange_return",
        "assistance:depart_return",
        "assistance:confirm_arrival",
        "assistance:follow_up_return",
        "assistance:complete_return",
        "assistance:decline_return",
        "assistance:withdraw_return",
        needs=(_P.RETURNS_PLAN,),
        of=Kind.RETURN,
    ),
    *pages("assistance:approve_return", needs=(_P.RETURNS_APPROVE,), of=Kind.RETURN),
    *pages("assistance:gate", needs=(_P.GATE_ASK,)),
    *pages("assistance:gate_check", needs=(_P.GATE_ASK,), of=Kind.GATE),
)

_DOCUMENTS = (
    *pages("assistance:make_document", needs=(_P.DOCUMENTS_MAKE,), of=Kind.CASE),
    *pages("assistance:open_document", needs=(_P.PERSONS_REVEAL,), of=Kind.OFFICIAL),
)

SUPPORT: tuple[Page, ...] = (*_PATHWAYS, *_DIRECTORY, *_REFERRALS, *_PROGRAMMES, *_SHELTERS, *_PERMITS, *_DOCUMENTS)
