"""Who may do what: one enum of permissions, one table of roles."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Permission(TextChoices):
    """What can be allowed, as `room:thing:action`."""

    ACCOUNTS_MANAGE = "access:account:manage", _("Manage accounts")
    MATRIX_VIEW = "access:matrix:view", _("See the permission matrix")
    AUDIT_VIEW = "audit:event:view", _("Read the audit log")
    EMERGENCY_OPEN = "access:emergency:open", _("Open a record beyond one's reach in an emergency")
    EMERGENCY_WATCH = "access:emergency:watch", _("See the emergencies that officers of the own province open")
    EMERGENCY_REVIEW = "access:emergency:review", _("Review emergencies")
    ACCESS_REPORT = "audit:report:make", _("Report to a person who saw their data")
    CODES_MANAGE = "vocabulary:code:manage", _("Manage code lists")
    CODES_VIEW = "vocabulary:code:view", _("See code lists and provisions")

    PERSONS_VIEW = "persons:person:view", _("See a person without identity")
    PERSONS_REVEAL = "persons:identity:reveal", _("Reveal an identity")
    PERSONS_SEARCH = "persons:person:search", _("Search persons by identity")
    PERSONS_EDIT = "persons:person:edit", _("Record and correct persons")
    CONSENT_RECORD = "persons:consent:record", _("Record and withdraw consent")
    MATCHES_JUDGE = "persons:match:judge", _("Judge possible same persons")
    PERSONS_ERASE = "persons:person:erase", _("Erase persons, with a second officer")
    HOLDS_SET = "persons:hold:set", _("Set and lift legal holds")

    SHELTER_LOCATION_VIEW = "access:shelter:locate", _("See where a shelter is")

    CASES_VIEW = "cases:case:view", _("See cases")
    CASES_SCREEN = "cases:case:screen", _("Screen, and hold the preliminary interview")
    CASES_REFER = "cases:case:refer", _("Refer for identification")
    CASES_IDENTIFY = "cases:case:identify", _("Hold the identification interview and draft the decision")
    CASES_DECIDE = "cases:case:decide", _("Decide on a draft written by another")
    CASES_PROTECT = "cases:case:protect", _("Begin protection and close a case")
    CASES_ASSIGN = "cases:case:assign", _("Assign cases to officers")
    CASES_OVERSEE = "cases:case:oversee", _("Oversee deadlines of all provinces, without names")

    PATHWAYS_WORK = "assistance:pathway:work", _("Open needs and take care of them")
    PAPERS_CHECK = "assistance:paper:check", _("Check travel documents")
    PAPERS_EXAMINE = "assistance:paper:examine", _("Examine doubtful documents")
    DIRECTORY_VIEW = "assistance:directory:view", _("See the directory of services")
    DIRECTORY_MANAGE = "assistance:directory:manage", _("Keep services of the directory up to date")
    REFERRALS_VIEW = "assistance:referral:view", _("See referrals")
    REFERRALS_SEND = "assistance:referral:send", _("Refer a person to another institution")
    REFERRALS_ANSWER = "assistance:referral:answer", _("Answer referrals to the own institution")
    PROGRAMME_WORK = "assistance:programme:work", _("Run support programmes")
    PROGRAMME_APPROVE = "assistance:programme:approve", _("Approve evaluation reports")
    CARE_VIEW = "assistance:care:view", _("See and write psychosocial and health notes")
    STAYS_REQUEST = "assistance:stay:request", _("Ask for a place in a shelter")
    STAYS_MANAGE = "assistance:stay:manage", _("Run the own shelter: beds, stays, incidents")
    OCCUPANCY_VIEW = "assistance:occupancy:view", _("See how full shelters are, without names")
    PERMITS_REQUEST = "assistance:permit:request", _("Ask for residence permits and extensions")
    PERMITS_DECIDE = "assistance:permit:decide", _("Decide on residence permits")
    RETURNS_PLAN = "assistance:return:plan", _("Plan voluntary and safe return")
    RETURNS_APPROVE = "assistance:return:approve", _("Approve a return")
    GATE_ASK = "assistance:gate:ask", _("Ask the gate before a removal or readmission")
    DOCUMENTS_MAKE = "assistance:document:make", _("Make official documents")

    IMPORT_RUN = "exchange:import:run", _("Import files")
    EXPORT_RUN = "exchange:export:run", _("Export lists")
    STATISTICS_PROVINCE = "statistics:province:view", _("See the statistics of the own province")
    STATISTICS_NATIONAL = "statistics:national:view", _("See national statistics")
    SNAPSHOTS_FREEZE = "statistics:snapshot:freeze", _("Freeze yearly snapshots")


class Role(TextChoices):
    """One person has one account with one role; a change of duty is a change of role."""

    HELPLINE_OPERATOR = "helpline_operator", _("157 helpline operator")
    FRONTLINE_OFFICER = "frontline_officer", _("Frontline officer")
    IDENTIFICATION_EXPERT = "identification_expert", _("Identification expert")
    DECIDING_OFFICER = "deciding_officer", _("Deciding officer")
    PROTECTION_OFFICER = "protection_officer", _("Protection officer")
    SHELTER_STAFF = "shelter_staff", _("Shelter staff")
    PARTNER = "partner", _("Partner institution")
    CENTRAL_UNIT = "central_unit", _("Central unit (victim protection)")
    COMMISSION_SECRETARIAT = "commission_secretariat", _("Plan and commission secretariat")
    PROVINCIAL_FOCAL_POINT = "provincial_focal_point", _("Provincial focal point")
    ANALYST = "analyst", _("Analyst")
    DATA_PROTECTION_OFFICER = "data_protection_officer", _("Data protection officer")
    ADMINISTRATOR = "administrator", _("Account administrator")
    DOCUMENT_EXPERT = "document_expert", _("Document expert")


class InstitutionKind(TextChoices):
    """What sort of body an institution is; its seats follow from that."""

    MIGRATION_CENTRE = "migration_centre", _("Migration authority, centre")
    MIGRATION_PROVINCE = "migration_province", _("Migration authority, province")
    POLICE = "police", _("Police")
    GENDARMERIE = "gendarmerie", _("Gendarmerie")
    COAST_GUARD = "coast_guard", _("Coast guard")
    MINISTRY = "ministry", _("Ministry")
    JUDICIARY = "judiciary", _("Judiciary")
    MUNICIPALITY = "municipality", _("Municipality")
    NGO = "ngo", _("Non-governmental organisation")
    INTERNATIONAL = "international", _("International organisation")
    SHELTER = "shelter", _("Shelter")
    HELPLINE = "helpline", _("Helpline")


class Scope(TextChoices):
    """Whose rows a role can see at all; what it may do with them is the permission's matter."""

    NATION = "nation", _("Whole country")
    PROVINCE = "province", _("Own province; the whole country from the centre")
    INSTITUTION = "institution", _("Own institution")
    NONE = "none", _("No person, no case")


_EVERYONE = frozenset({Permission.MATRIX_VIEW, Permission.CODES_VIEW, Permission.DIRECTORY_VIEW})
_IDENTITY = frozenset(
    {Permission.PERSONS_VIEW, Permission.PERSONS_REVEAL, Permission.PERSONS_SEARCH, Permission.PERSONS_EDIT}
)
_SCREENING = frozenset(
    {
        Permission.EMERGENCY_OPEN,
        Permission.CASES_VIEW,
        Permission.CASES_SCREEN,
        Permission.CASES_REFER,
        Permission.CONSENT_RECORD,
        Permission.PATHWAYS_WORK,
        Permission.PAPERS_CHECK,
        Permission.REFERRALS_VIEW,
        Permission.REFERRALS_SEND,
        Permission.REFERRALS_ANSWER,
    }
)

_RECEIVING = frozenset(
    {
        Permission.PERSONS_VIEW,
        Permission.CASES_VIEW,
        Permission.DIRECTORY_MANAGE,
        Permission.REFERRALS_VIEW,
        Permission.REFERRALS_ANSWER,
    }
)

MATRIX: dict[Role, tuple[Scope, frozenset[Permission]]] = {
    Role.HELPLINE_OPERATOR: (Scope.INSTITUTION, _EVERYONE | _IDENTITY | _SCREENING),
    Role.FRONTLINE_OFFICER: (
        Scope.INSTITUTION,
        _EVERYONE | _IDENTITY | _SCREENING | {Permission.GATE_ASK, Permission.DOCUMENTS_MAKE},
    ),
    Role.IDENTIFICATION_EXPERT: (
        Scope.PROVINCE,
        _EVERYONE
        | _IDENTITY
        | _SCREENING
        | {
            Permission.CASES_IDENTIFY,
            Permission.CASES_ASSIGN,
            Permission.GATE_ASK,
            Permission.DOCUMENTS_MAKE,
            Permission.EXPORT_RUN,
            Permission.STATISTICS_PROVINCE,
        },
    ),
    Role.DECIDING_OFFICER: (
        Scope.PROVINCE,
        _EVERYONE
        | {
            Permission.EMERGENCY_OPEN,
            Permission.EMERGENCY_WATCH,
            Permission.PERSONS_VIEW,
            Permission.PERSONS_REVEAL,
            Permission.PERSONS_SEARCH,
            Permission.CASES_VIEW,
            Permission.CASES_DECIDE,
            Permission.CASES_ASSIGN,
            Permission.REFERRALS_VIEW,
            Permission.PROGRAMME_APPROVE,
            Permission.PERMITS_DECIDE,
            Permission.RETURNS_APPROVE,
            Permission.GATE_ASK,
            Permission.DOCUMENTS_MAKE,
            Permission.EXPORT_RUN,
            Permission.STATISTICS_PROVINCE,
        },
    ),
    Role.PROTECTION_OFFICER: (
        Scope.PROVINCE,
        _EVERYONE
        | _IDENTITY
        | {
            Permission.EMERGENCY_OPEN,
            Permission.CONSENT_RECORD,
            Permission.CASES_VIEW,
            Permission.CASES_PROTECT,
            Permission.SHELTER_LOCATION_VIEW,
            Permission.PATHWAYS_WORK,
            Permission.PAPERS_CHECK,
            Permission.DIRECTORY_MANAGE,
            Permission.REFERRALS_VIEW,
            Permission.REFERRALS_SEND,
            Permission.REFERRALS_ANSWER,
            Permission.PROGRAMME_WORK,
            Permission.CARE_VIEW,
            Permission.STAYS_REQUEST,
            Permission.OCCUPANCY_VIEW,
            Permission.PERMITS_REQUEST,
            Permission.RETURNS_PLAN,
            Permission.GATE_ASK,
            Permission.DOCUMENTS_MAKE,
            Permission.EXPORT_RUN,
            Permission.STATISTICS_PROVINCE,
        },
    ),
    # Shelters and partners receive referrals; until one reaches them there is nothing for them to see.
    Role.SHELTER_STAFF: (
        Scope.INSTITUTION,
        _EVERYONE
        | _RECEIVING
        | {Permission.SHELTER_LOCATION_VIEW, Permission.STAYS_MANAGE, Permission.OCCUPANCY_VIEW},
    ),
    Role.PARTNER: (Scope.INSTITUTION, _EVERYONE | _RECEIVING),
    Role.CENTRAL_UNIT: (
        Scope.NATION,
        _EVERYONE
        | {
            Permission.EMERGENCY_WATCH,
            Permission.PERSONS_VIEW,
            Permission.PERSONS_ERASE,
            Permission.MATCHES_JUDGE,
            Permission.CASES_VIEW,
            Permission.CASES_OVERSEE,
            Permission.DIRECTORY_MANAGE,
            Permission.REFERRALS_VIEW,
            Permission.OCCUPANCY_VIEW,
            Permission.CODES_MANAGE,
            Permission.IMPORT_RUN,
            Permission.EXPORT_RUN,
            Permission.STATISTICS_PROVINCE,
            Permission.STATISTICS_NATIONAL,
            Permission.SNAPSHOTS_FREEZE,
        },
    ),
    Role.COMMISSION_SECRETARIAT: (
        Scope.NONE,
        _EVERYONE
        | {
            Permission.CASES_OVERSEE,
            Permission.EXPORT_RUN,
            Permission.STATISTICS_PROVINCE,
            Permission.STATISTICS_NATIONAL,
        },
    ),
    Role.PROVINCIAL_FOCAL_POINT: (Scope.NONE, _EVERYONE | {Permission.STATISTICS_PROVINCE}),
    Role.ANALYST: (
        Scope.NONE,
        _EVERYONE | {Permission.EXPORT_RUN, Permission.STATISTICS_PROVINCE, Permission.STATISTICS_NATIONAL},
    ),
    Role.DATA_PROTECTION_OFFICER: (
        Scope.NONE,
        _EVERYONE
        | {
            Permission.AUDIT_VIEW,
            Permission.EMERGENCY_REVIEW,
            Permission.ACCESS_REPORT,
            Permission.EXPORT_RUN,
            Permission.PERSONS_ERASE,
            Permission.HOLDS_SET,
        },
    ),
    Role.ADMINISTRATOR: (Scope.NONE, _EVERYONE | {Permission.ACCOUNTS_MANAGE}),
    # Sees the documents that were sent for examination, and neither person nor case.
    Role.DOCUMENT_EXPERT: (Scope.INSTITUTION, _EVERYONE | {Permission.PAPERS_EXAMINE}),
}

_MIGRATION = frozenset({InstitutionKind.MIGRATION_CENTRE, InstitutionKind.MIGRATION_PROVINCE})
_CENTRE = frozenset({InstitutionKind.MIGRATION_CENTRE})

# At which kinds of institution a role can sit: only the migration authority identifies, decides and protects.
SEATS: dict[Role, frozenset[InstitutionKind]] = {
    Role.HELPLINE_OPERATOR: frozenset({InstitutionKind.HELPLINE}),
    Role.FRONTLINE_OFFICER: frozenset(InstitutionKind)
    - {InstitutionKind.HELPLINE, InstitutionKind.SHELTER, InstitutionKind.MIGRATION_CENTRE},
    Role.IDENTIFICATION_EXPERT: _MIGRATION,
    Role.DECIDING_OFFICER: _MIGRATION,
    Role.PROTECTION_OFFICER: _MIGRATION,
    Role.SHELTER_STAFF: frozenset({InstitutionKind.SHELTER}),
    Role.PARTNER: frozenset(InstitutionKind) - _MIGRATION - {InstitutionKind.HELPLINE, InstitutionKind.SHELTER},
    Role.CENTRAL_UNIT: _CENTRE,
    Role.COMMISSION_SECRETARIAT: _CENTRE,
    Role.PROVINCIAL_FOCAL_POINT: frozenset({InstitutionKind.MIGRATION_PROVINCE}),
    Role.ANALYST: _CENTRE | {InstitutionKind.MINISTRY, InstitutionKind.INTERNATIONAL},
    Role.DATA_PROTECTION_OFFICER: _CENTRE,
    Role.ADMINISTRATOR: frozenset(InstitutionKind),
    Role.DOCUMENT_EXPERT: frozenset({InstitutionKind.POLICE}),
}
