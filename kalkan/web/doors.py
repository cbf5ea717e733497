"""Every door of the system and who may go through it: pages, exports, commands, jobs.

The one list of what there is to go through, for the document (`docs/doors.md`) and for the test that tries every cell
of it. A page, export, command or job that is not in here fails the build.
"""

from dataclasses import dataclass
from enum import StrEnum

from kalkan.access.roles import MATRIX, Permission, Role
from kalkan.access.session import Task
from kalkan.exchange.lists import LISTS


class Kind(StrEnum):
    """What the address of a page names. A row outside one's reach does not exist: 404."""

    NOTHING = ""
    PERSON = "person"
    CONSENT = "consent"
    MATCH = "pair of persons"
    ERASURE = "erasure"
    HOLD = "legal hold"
    EMERGENCY = "emergency"
    SESSION = "session"
    READER = "reader"
    FILE = "file"
    CASE = "case"
    SCREENING = "screening"
    TEXT = "sealed text"
    IMPORT = "import"
    ACCOUNT = "account"
    PATHWAY = "pathway"
    PAPER = "travel document"
    SERVICE = "service"
    REFERRAL = "referral"
    PROGRAMME = "support programme"
    PLACE = "shelter"
    STAY = "stay"
    PERMIT = "permit"
    RETURN = "return"
    GATE = "question to the gate"
    OFFICIAL = "official document"
    PROVINCE = "province"
    CODE_LIST = "code list"


@dataclass(frozen=True)
class Page:
    """A page, by the name of its address. Any one of `needs` opens it; none is asked of a page open to all."""

    name: str
    needs: frozenset[Permission]
    of: Kind = Kind.NOTHING
    is_public: bool = False

    def opens_for(self, role: Role) -> bool:
        """True if the role may go through, provided that the row named is within its reach."""
        return self.is_public or not self.needs or bool(self.needs & MATRIX[role][1])


def _pages(*names: str, needs: tuple[Permission, ...] = (), of: Kind = Kind.NOTHING) -> list[Page]:
    return [Page(name, frozenset(needs), of) for name in names]


_P = Permission
_RECORDING = (_P.CASES_SCREEN, _P.CASES_IDENTIFY, _P.CASES_PROTECT)

# What a person receives, topic by topic.
_PATHWAYS = (
    *_pages("assistance:needs", needs=(_P.PATHWAYS_WORK,), of=Kind.CASE),
    *_pages("assistance:pathway", needs=(_P.CASES_VIEW,), of=Kind.PATHWAY),
    *_pages(
        "assistance:take_up_need",
        "assistance:step_need",
        "assistance:hand_over_need",
        "assistance:close_need",
        needs=(_P.PATHWAYS_WORK,),
        of=Kind.PATHWAY,
    ),
    *_pages("assistance:need_note", needs=(_P.PERSONS_REVEAL,), of=Kind.PATHWAY),
    *_pages("assistance:check_paper", needs=(_P.PAPERS_CHECK,), of=Kind.CASE),
    *_pages("assistance:paper", needs=(_P.CASES_VIEW,), of=Kind.PAPER),
    *_pages("assistance:papers_to_examine", needs=(_P.PAPERS_EXAMINE,)),
    *_pages("assistance:examine_paper", needs=(_P.PAPERS_EXAMINE,), of=Kind.PAPER),
)

_DIRECTORY = (
    *_pages("assistance:directory", needs=(_P.DIRECTORY_VIEW,)),
    *_pages("assistance:service", needs=(_P.DIRECTORY_VIEW,), of=Kind.SERVICE),
    *_pages("assistance:own_services", "assistance:add_service", needs=(_P.DIRECTORY_MANAGE,)),
    *_pages(
        "assistance:change_service",
        "assistance:verify_service",
        "assistance:withdraw_service",
        "assistance:offer_again",
        needs=(_P.DIRECTORY_MANAGE,),
        of=Kind.SERVICE,
    ),
    *_pages("assistance:export_directory", needs=(_P.EXPORT_RUN,)),
)

_REFERRALS = (
    *_pages("assistance:referrals", needs=(_P.REFERRALS_VIEW,)),
    *_pages("assistance:referral", needs=(_P.REFERRALS_VIEW,), of=Kind.REFERRAL),
    *_pages("assistance:refer", needs=(_P.REFERRALS_SEND,), of=Kind.CASE),
    *_pages(
        "assistance:referral_accept",
        "assistance:referral_decline",
        "assistance:referral_ask",
        "assistance:referral_answer",
        "assistance:referral_return",
        "assistance:referral_complete",
        "assistance:referral_withdraw",
        "assistance:referral_note",
        needs=(_P.REFERRALS_ANSWER, _P.REFERRALS_SEND),
        of=Kind.REFERRAL,
    ),
    *_pages("assistance:referral_onward", needs=(_P.REFERRALS_ANSWER,), of=Kind.REFERRAL),
    *_pages("assistance:referral_letter", needs=(_P.REFERRALS_SEND,), of=Kind.REFERRAL),
    Page("assistance:retrieve", frozenset(), is_public=True),
)

_PROGRAMMES = (
    *_pages("assistance:sheet", needs=(_P.CASES_VIEW,)),
    *_pages("assistance:give_information", needs=(_P.CONSENT_RECORD,), of=Kind.CASE),
    *_pages("assistance:begin_programme", needs=(_P.PROGRAMME_WORK,), of=Kind.CASE),
    *_pages(
        "assistance:programme", needs=(_P.PROGRAMME_WORK, _P.PROGRAMME_APPROVE, _P.CASES_OVERSEE), of=Kind.PROGRAMME
    ),
    *_pages("assistance:programme_text", needs=(_P.PERSONS_REVEAL,), of=Kind.PROGRAMME),
    *_pages("assistance:report", needs=(_P.PROGRAMME_WORK, _P.PROGRAMME_APPROVE), of=Kind.PROGRAMME),
    *_pages("assistance:programme_note", "assistance:care_note", needs=(_P.CARE_VIEW,), of=Kind.PROGRAMME),
    *_pages(
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
    *_pages(
        "assistance:shelter",
        "assistance:shelter_profile",
        "assistance:beds",
        "assistance:shifts",
        "assistance:report_incident",
        needs=(_P.STAYS_MANAGE,),
    ),
    *_pages("assistance:close_bed", "assistance:open_bed", needs=(_P.STAYS_MANAGE,), of=Kind.PLACE),
    *_pages("assistance:occupancy", needs=(_P.OCCUPANCY_VIEW,)),
    *_pages("assistance:stay", "assistance:incident", needs=(_P.STAYS_MANAGE, _P.STAYS_REQUEST), of=Kind.STAY),
    *_pages(
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
    *_pages("assistance:withdraw_stay", needs=(_P.STAYS_REQUEST,), of=Kind.STAY),
    *_pages("assistance:incident_account", needs=(_P.PERSONS_REVEAL,), of=Kind.STAY),
    *_pages("assistance:request_stay", needs=(_P.STAYS_REQUEST,), of=Kind.CASE),
)

_PERMIT_WORK = (_P.PERMITS_REQUEST, _P.PERMITS_DECIDE)
_RETURN_WORK = (_P.RETURNS_PLAN, _P.RETURNS_APPROVE)
_PERMITS = (
    *_pages("assistance:permits", needs=_PERMIT_WORK, of=Kind.CASE),
    *_pages("assistance:request_permit", needs=(_P.PERMITS_REQUEST,), of=Kind.CASE),
    *_pages("assistance:permit", needs=_PERMIT_WORK, of=Kind.PERMIT),
    *_pages("assistance:permit_number", needs=_PERMIT_WORK, of=Kind.PERMIT),
    *_pages("assistance:decide_permit", "assistance:cancel_permit", needs=(_P.PERMITS_DECIDE,), of=Kind.PERMIT),
    *_pages("assistance:offer_return", needs=(_P.RETURNS_PLAN,), of=Kind.CASE),
    *_pages("assistance:return", "assistance:return_text", needs=_RETURN_WORK, of=Kind.RETURN),
    *_pages(
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
    *_pages("assistance:approve_return", needs=(_P.RETURNS_APPROVE,), of=Kind.RETURN),
    *_pages("assistance:gate", needs=(_P.GATE_ASK,)),
    *_pages("assistance:gate_check", needs=(_P.GATE_ASK,), of=Kind.GATE),
)

_DOCUMENTS = (
    *_pages("assistance:make_document", needs=(_P.DOCUMENTS_MAKE,), of=Kind.CASE),
    *_pages("assistance:open_document", needs=(_P.PERSONS_REVEAL,), of=Kind.OFFICIAL),
)

PAGES: tuple[Page, ...] = (
    *(
        Page(name, frozenset(), is_public=True)
        for name in (
            "health",
            "web:set_language",
            "web:set_theme",
            "web:policy_report",
            "account_login",
            "account_inactive",
            "account_signup",
            "account_reset_password",
            "account_reset_password_done",
            "account_reset_password_from_key",
            "account_reset_password_from_key_done",
            "access:invitation",
            "access:accept_invitation",
            "mfa_authenticate",
            "mfa_login_webauthn",
            "openid_connect_login",
            "openid_connect_callback",
        )
    ),
    *_pages(
        "account_logout",
        "account_reauthenticate",
        "account_change_password",
        "account_set_password",
        "mfa_index",
        "mfa_reauthenticate",
        "mfa_activate_totp",
        "mfa_deactivate_totp",
        "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes",
        "mfa_download_recovery_codes",
        "mfa_list_webauthn",
        "mfa_add_webauthn",
        "mfa_reauthenticate_webauthn",
        "mfa_remove_webauthn",
        "mfa_edit_webauthn",
        "access:sessions",
        "access:end_other_sessions",
        "web:home",
    ),
    *_pages("access:matrix", needs=(_P.MATRIX_VIEW,)),
    *_pages("access:accounts", "access:create_account", needs=(_P.ACCOUNTS_MANAGE,)),
    *_pages(
        "access:account",
        "access:change_role",
        "access:open_account",
        "access:invite",
        "access:renew",
        "access:end_sessions",
        "access:end_leave",
        "web:close_account",
        "web:hand_over",
        "web:mark_leave",
        needs=(_P.ACCOUNTS_MANAGE,),
        of=Kind.ACCOUNT,
    ),
    *_pages(
        "vocabulary:lists",
        "vocabulary:indicators",
        "vocabulary:provisions",
        "vocabulary:days",
        needs=(_P.CODES_VIEW,),
    ),
    *_pages("vocabulary:list", needs=(_P.CODES_VIEW,), of=Kind.CODE_LIST),
    *_pages("access:end_session", of=Kind.SESSION),
    *_pages("audit:events", "web:reading", "web:unusual", needs=(_P.AUDIT_VIEW,)),
    *_pages("web:readers", "web:reads", needs=(_P.AUDIT_VIEW,), of=Kind.READER),
    *_pages("web:access_report", needs=(_P.ACCESS_REPORT,), of=Kind.READER),
    *_pages("web:emergencies", needs=(_P.EMERGENCY_OPEN, _P.EMERGENCY_WATCH, _P.EMERGENCY_REVIEW)),
    *_pages("web:open_emergency", needs=(_P.EMERGENCY_OPEN,)),
    *_pages(
        "web:emergency",
        needs=(_P.EMERGENCY_OPEN, _P.EMERGENCY_WATCH, _P.EMERGENCY_REVIEW),
        of=Kind.EMERGENCY,
    ),
    *_pages("web:end_emergency", needs=(_P.EMERGENCY_OPEN,), of=Kind.EMERGENCY),
    *_pages("persons:search", needs=(_P.PERSONS_SEARCH,)),
    *_pages("persons:create", needs=(_P.PERSONS_EDIT,)),
    *_pages("persons:person", needs=(_P.PERSONS_VIEW,), of=Kind.PERSON),
    *_pages("persons:reveal", needs=(_P.PERSONS_REVEAL,), of=Kind.PERSON),
    *_pages("persons:edit", needs=(_P.PERSONS_EDIT,), of=Kind.PERSON),
    *_pages("persons:consent", needs=(_P.CONSENT_RECORD,), of=Kind.PERSON),
    *_pages("persons:withdraw", needs=(_P.CONSENT_RECORD,), of=Kind.CONSENT),
    *_pages("persons:matches", needs=(_P.MATCHES_JUDGE,)),
    *_pages("persons:judge", needs=(_P.MATCHES_JUDGE,), of=Kind.MATCH),
    *_pages("persons:erasures", "persons:ask_erasure", needs=(_P.PERSONS_ERASE,)),
    *_pages(
        "persons:erasure", "persons:carry_out", "persons:withdraw_erasure", needs=(_P.PERSONS_ERASE,), of=Kind.ERASURE
    ),
    *_pages("persons:holds", needs=(_P.HOLDS_SET,)),
    *_pages("persons:lift_hold", needs=(_P.HOLDS_SET,), of=Kind.HOLD),
    *_pages("web:begin", needs=(_P.CASES_SCREEN,)),
    *_pages("web:work", needs=(_P.CASES_VIEW,)),
    *_pages("web:case", needs=(_P.CASES_VIEW,), of=Kind.CASE),
    *_pages("cases:oversight", needs=(_P.CASES_OVERSEE, _P.CASES_ASSIGN)),
    *_pages("cases:open", needs=(_P.CASES_SCREEN,), of=Kind.PERSON),
    *_pages("cases:screening", "cases:preliminary_interview", needs=(_P.CASES_SCREEN,), of=Kind.CASE),
    *_pages(
        "cases:screening_danger",
        "cases:screening_result",
        "cases:screening_page",
        needs=(_P.CASES_SCREEN,),
        of=Kind.SCREENING,
    ),
    *_pages("cases:refer", needs=(_P.CASES_REFER,), of=Kind.CASE),
    *_pages(
        "cases:begin_identification",
        "cases:identification_interview",
        "cases:draft",
        "cases:reconsider",
        needs=(_P.CASES_IDENTIFY,),
        of=Kind.CASE,
    ),
    *_pages("cases:decide", needs=(_P.CASES_DECIDE,), of=Kind.CASE),
    *_pages("cases:begin_protection", needs=(_P.CASES_PROTECT,), of=Kind.CASE),
    *_pages("cases:close", needs=(_P.CASES_SCREEN, _P.CASES_PROTECT), of=Kind.CASE),
    *_pages("cases:break_off", needs=(_P.CASES_SCREEN, _P.CASES_IDENTIFY), of=Kind.CASE),
    *_pages("cases:episode", "cases:perpetrator", "cases:link", "cases:change", needs=_RECORDING, of=Kind.CASE),
    *_pages("cases:assign", needs=(_P.CASES_ASSIGN,), of=Kind.CASE),
    *_pages("cases:text", needs=(_P.PERSONS_REVEAL,), of=Kind.TEXT),
    *_pages("cases:attach", needs=_RECORDING, of=Kind.CASE),
    *_pages("cases:open_file", needs=(_P.PERSONS_REVEAL,), of=Kind.FILE),
    *_pages("cases:remove_file", needs=_RECORDING, of=Kind.FILE),
    *_pages("assistance:hub", needs=(_P.CASES_VIEW,), of=Kind.CASE),
    *_pages("assistance:promises", needs=(_P.CASES_VIEW,)),
    *_pages("assistance:ageing", needs=(_P.CASES_OVERSEE,)),
    *_PATHWAYS,
    *_DIRECTORY,
    *_REFERRALS,
    *_PROGRAMMES,
    *_SHELTERS,
    *_PERMITS,
    *_DOCUMENTS,
    *_pages("statistics:nation", "statistics:snapshots", needs=(_P.STATISTICS_NATIONAL,)),
    *_pages(
        "statistics:home",
        "statistics:definitions",
        "statistics:provinces",
        needs=(_P.STATISTICS_PROVINCE, _P.STATISTICS_NATIONAL),
    ),
    *_pages("statistics:province", needs=(_P.STATISTICS_PROVINCE,), of=Kind.PROVINCE),
    *_pages("exchange:imports", "exchange:upload", needs=(_P.IMPORT_RUN,)),
    *_pages(
        "exchange:import",
        "exchange:progress",
        "exchange:begin",
        "exchange:discard",
        needs=(_P.IMPORT_RUN,),
        of=Kind.IMPORT,
    ),
    *_pages("exchange:export", needs=(_P.EXPORT_RUN,)),
)

# What an operator of the server runs. Whoever has the server and its key files can do all of it, so that they say in
# whose name they act where a person answers for it.
COMMANDS: dict[str, str] = {
    "run": "operator",
    "prepare": "operator",
    "manage": "operator",
    "messages": "operator",
    "access": "operator",
    "audit": "operator; a proof is checked by anybody who has it",
    "erase": "in the names of two accounts that may erase",
    "retention": "operator",
    "vault": "operator",
    "backup": "operator",
    "backup-key": "whoever keeps the private half, not on the server",
    "restore": "operator, with the private half of the key",
    "vocabulary": "operator",
    "lifecycle": "operator",
    "doors": "operator",
    "directory": "operator",
    "gate": "in the name of an account that may ask the gate",
    "census": "operator",
    "clock": "operator",
    "import": "operator, or in the name of an account that may import",
    "export": "in the name of an account, as that person may see it",
    "indicators": "operator",
    "indicator": "operator",
    "snapshot": "operator, in the name of an account that may freeze",
}

# What the worker does, and the task as which the database lets it.
JOBS: dict[str, Task | None] = {
    "exchange.check": Task.IMPORT,
    "exchange.import": Task.IMPORT,
    "exchange.forget": Task.IMPORT,
    "persons.reapply": Task.ERASURE,
    "cases.retention": Task.ERASURE,
    "assistance.clock": Task.CLOCK,
    "assistance.census": Task.CLOCK,
    "access.tell": Task.EMERGENCY,
    "access.tell_owner": None,  # accounts alone
    "audit.seal": Task.SEALING,
    "audit.publish": Task.SEALING,
}

_HEAD = """# Doors

Made by `kalkan doors` from `kalkan/web/doors.py`; a test fails when the two differ, when a page, list, command or job
is missing here, and when any cell is not true (`tests/security/test_doors.py`). What a permission stands for and who
holds it is in [permissions](permissions.md).

● goes through, where the row named lies within the reach of the role. A row outside does not exist (404); a door that
is shut to a role is refused (403) and the refusal is recorded.
"""


def document() -> str:
    """The document as Markdown, in English."""
    roles = list(Role)
    lines = [
        _HEAD,
        "## Reach",
        "",
        "| Role | Whose rows exist |",
        "|---|---|",
        *(f"| {role.value.replace('_', ' ')} | {MATRIX[role][0].value} |" for role in roles),
        "",
        "## Pages",
        "",
        "| Page | of a | " + " | ".join(role.value.replace("_", " ") for role in roles) + " |",
        "|---|---|" + ":-:|" * len(roles),
        *(
            f"| {page.name} | {page.of} | "
            + " | ".join("all" if page.is_public else "●" if page.opens_for(role) else " " for role in roles)
            + " |"
            for page in PAGES
        ),
        "",
        "## Lists that can be exported",
        "",
        "| List | " + " | ".join(role.value.replace("_", " ") for role in roles) + " |",
        "|---|" + ":-:|" * len(roles),
        *(f"| {name} | " + " | ".join("●" if exports(name, role) else " " for role in roles) + " |" for name in LISTS),
        "",
        "## Commands",
        "",
        "| Command | Who |",
        "|---|---|",
        *(f"| `kalkan {name}` | {who} |" for name, who in COMMANDS.items()),
        "",
        "## Jobs",
        "",
        "| Job | Admitted by the row policies as |",
        "|---|---|",
        *(f"| {name} | {task or 'none'} |" for name, task in JOBS.items()),
        "",
    ]
    return "\n".join(lines)


def exports(name: str, role: Role) -> bool:
    """True if the role may export the list."""
    held, needed = MATRIX[role][1], LISTS[name].permission
    return Permission.EXPORT_RUN in held and (needed is None or needed in held)
