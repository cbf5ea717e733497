"""Every door of the system and who may go through it: pages, exports, commands, jobs.

The one list of what there is to go through, for the document (`docs/doors.md`) and for the test that tries every cell
of it. A page, export, command or job that is not in here fails the build.
"""

from kalkan.access.roles import MATRIX, Permission, Role
from kalkan.access.session import Task
from kalkan.exchange.lists import LISTS
from kalkan.web.doors.page import Kind as Kind
from kalkan.web.doors.page import Page as Page
from kalkan.web.doors.page import pages
from kalkan.web.doors.support import SUPPORT

_P = Permission
_RECORDING = (_P.CASES_SCREEN, _P.CASES_IDENTIFY, _P.CASES_PROTECT)

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
    *pages(
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
    *pages("access:matrix", needs=(_P.MATRIX_VIEW,)),
    *pages("access:accounts", "access:create_account", needs=(_P.ACCOUNTS_MANAGE,)),
    *pages(
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
    *pages(
        "vocabulary:lists",
        "vocabulary:indicators",
        "vocabulary:provisions",
        "vocabulary:days",
        needs=(_P.CODES_VIEW,),
    ),
    *pages("vocabulary:list", needs=(_P.CODES_VIEW,), of=Kind.CODE_LIST),
    *pages("access:end_session", of=Kind.SESSION),
    *pages("audit:events", "web:reading", "web:unusual", needs=(_P.AUDIT_VIEW,)),
    *pages("web:readers", "web:reads", needs=(_P.AUDIT_VIEW,), of=Kind.READER),
    *pages("web:access_report", needs=(_P.ACCESS_REPORT,), of=Kind.READER),
    *pages("web:emergencies", needs=(_P.EMERGENCY_OPEN, _P.EMERGENCY_WATCH, _P.EMERGENCY_REVIEW)),
    *pages("web:open_emergency", needs=(_P.EMERGENCY_OPEN,)),
    *pages(
        "web:emergency",
        needs=(_P.EMERGENCY_OPEN, _P.EMERGENCY_WATCH, _P.EMERGENCY_REVIEW),
        of=Kind.EMERGENCY,
    ),
    *pages("web:end_emergency", needs=(_P.EMERGENCY_OPEN,), of=Kind.EMERGENCY),
    *pages("persons:search", needs=(_P.PERSONS_SEARCH,)),
    *pages("persons:create", needs=(_P.PERSONS_EDIT,)),
    *pages("persons:person", needs=(_P.PERSONS_VIEW,), of=Kind.PERSON),
    *pages("persons:reveal", needs=(_P.PERSONS_REVEAL,), of=Kind.PERSON),
    *pages("persons:edit", needs=(_P.PERSONS_EDIT,), of=Kind.PERSON),
    *pages("persons:consent", needs=(_P.CONSENT_RECORD,), of=Kind.PERSON),
    *pages("persons:withdraw", needs=(_P.CONSENT_RECORD,), of=Kind.CONSENT),
    *pages("persons:matches", needs=(_P.MATCHES_JUDGE,)),
    *pages("persons:judge", needs=(_P.MATCHES_JUDGE,), of=Kind.MATCH),
    *pages("persons:erasures", "persons:ask_erasure", needs=(_P.PERSONS_ERASE,)),
    *pages(
        "persons:erasure", "persons:carry_out", "persons:withdraw_erasure", needs=(_P.PERSONS_ERASE,), of=Kind.ERASURE
    ),
    *pages("persons:holds", needs=(_P.HOLDS_SET,)),
    *pages("persons:lift_hold", needs=(_P.HOLDS_SET,), of=Kind.HOLD),
    *pages("web:begin", needs=(_P.CASES_SCREEN,)),
    *pages("web:work", needs=(_P.CASES_VIEW,)),
    *pages("web:case", needs=(_P.CASES_VIEW,), of=Kind.CASE),
    *pages("cases:oversight", needs=(_P.CASES_OVERSEE, _P.CASES_ASSIGN)),
    *pages("cases:open", needs=(_P.CASES_SCREEN,), of=Kind.PERSON),
    *pages("cases:screening", "cases:preliminary_interview", needs=(_P.CASES_SCREEN,), of=Kind.CASE),
    *pages(
        "cases:screening_danger",
        "cases:screening_result",
        "cases:screening_page",
        needs=(_P.CASES_SCREEN,),
        of=Kind.SCREENING,
    ),
    *pages("cases:refer", needs=(_P.CASES_REFER,), of=Kind.CASE),
    *pages(
        "cases:begin_identification",
        "cases:identification_interview",
        "cases:draft",
        "cases:reconsider",
        needs=(_P.CASES_IDENTIFY,),
        of=Kind.CASE,
    ),
    *pages("cases:decide", needs=(_P.CASES_DECIDE,), of=Kind.CASE),
    *pages("cases:begin_protection", needs=(_P.CASES_PROTECT,), of=Kind.CASE),
    *pages("cases:close", needs=(_P.CASES_SCREEN, _P.CASES_PROTECT), of=Kind.CASE),
    *pages("cases:break_off", needs=(_P.CASES_SCREEN, _P.CASES_IDENTIFY), of=Kind.CASE),
    *pages("cases:episode", "cases:perpetrator", "cases:link", "cases:change", needs=_RECORDING, of=Kind.CASE),
    *pages("cases:assign", needs=(_P.CASES_ASSIGN,), of=Kind.CASE),
    *pages("cases:text", needs=(_P.PERSONS_REVEAL,), of=Kind.TEXT),
    *pages("cases:attach", needs=_RECORDING, of=Kind.CASE),
    *pages("cases:open_file", needs=(_P.PERSONS_REVEAL,), of=Kind.FILE),
    *pages("cases:remove_file", needs=_RECORDING, of=Kind.FILE),
    *pages("assistance:hub", needs=(_P.CASES_VIEW,), of=Kind.CASE),
    *pages("assistance:promises", needs=(_P.CASES_VIEW,)),
    *SUPPORT,
    *pages("assistance:ageing", needs=(_P.CASES_OVERSEE,)),
    *pages("statistics:nation", "statistics:snapshots", needs=(_P.STATISTICS_NATIONAL,)),
    *pages(
        "statistics:home",
        "statistics:definitions",
        "statistics:provinces",
        needs=(_P.STATISTICS_PROVINCE, _P.STATISTICS_NATIONAL),
    ),
    *pages("statistics:province", needs=(_P.STATISTICS_PROVINCE,), of=Kind.PROVINCE),
    *pages("exchange:imports", "exchange:upload", needs=(_P.IMPORT_RUN,)),
    *pages(
        "exchange:import",
        "exchange:progress",
        "exchange:begin",
        "exchange:discard",
        needs=(_P.IMPORT_RUN,),
        of=Kind.IMPORT,
    ),
    *pages("exchange:export", needs=(_P.EXPORT_RUN,)),
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
    "assistance.tell": Task.CLOCK,
    "assistance.census": Task.CLOCK,
    "access.tell": Task.EMERGENCY,
    "access.tell_owner": None,  # accounts alone
    "audit.seal": Task.SEALING,
    "audit.publish": Task.SEALING,
}

_HEAD = """# Doors

Made by `kalkan doors` from `kalkan/web/doors`; a test fails when the two differ, when a page, list, command or job
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
    return LISTS[name].opens_for(MATRIX[role][1])
