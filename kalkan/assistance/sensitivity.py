"""The class of each field of the room. A field that is not in here fails a test (tests/security)."""

from kalkan.access.sensitivity import Declared, Sensitivity

FIELDS: Declared = {
    "Promise": {
        Sensitivity.PLAIN: (
            "id reference kind subject case institution province owner provision made_at due_at kept_at dropped_at "
            "escalated_at"
        ),
    },
    "Reminder": {Sensitivity.PLAIN: "id promise days at"},
    # pathways and travel documents
    #
    # directory
    #
    # referrals
    #
    # support programme
    "Programme": {
        Sensitivity.PLAIN: (
            "id reference case institution officer consent begun_on ended_on ended_by version recorded_by recorded_at "
            "request_key"
        ),
    },
    "InformationGiven": {
        Sensitivity.PLAIN: (
            "id reference case sheet sheet_version language form given_on recorded_by recorded_at request_key"
        ),
    },
    "NeedsAssessment": {
        Sensitivity.NARRATIVE: "note",
        Sensitivity.PLAIN: "id reference programme assessed_on recorded_by recorded_at request_key",
    },
    # That somebody needs much help with health is a fact of health.
    "NeedScore": {Sensitivity.HEALTH: "area level", Sensitivity.PLAIN: "id assessment"},
    "Goal": {
        Sensitivity.HEALTH: "area",
        Sensitivity.NARRATIVE: "wording reason",
        Sensitivity.PLAIN: (
            "id reference programme institution owner set_on target_on state settled_on version recorded_by "
            "recorded_at request_key"
        ),
    },
    "ServiceDelivered": {
        Sensitivity.HEALTH: "category outcome",
        Sensitivity.PLAIN: (
            "id reference programme institution began_on ended_on quantity unit cost currency version recorded_by "
            "recorded_at request_key"
        ),
    },
    "ProgrammeReview": {
        Sensitivity.NARRATIVE: "note",
        Sensitivity.PLAIN: (
            "id reference programme held_on still_wanted next_due_on recorded_by recorded_at request_key"
        ),
    },
    "EvaluationReport": {
        Sensitivity.HEALTH: "ground",
        Sensitivity.NARRATIVE: "reasoning remark",
        Sensitivity.PLAIN: (
            "id reference programme provision under_force verdict written_on state answered_by answered_on version "
            "recorded_by recorded_at request_key"
        ),
    },
    "CareNote": {
        Sensitivity.CARE: "kind noted_on words",
        Sensitivity.PLAIN: "id reference programme recorded_by recorded_at request_key",
    },
    "Companion": {
        Sensitivity.PLAIN: (
            "id reference programme relation sex age_band case since until version recorded_by recorded_at request_key"
        ),
    },
    "Interpreter": {Sensitivity.PLAIN: "id code agency"},
    "Booking": {
        Sensitivity.PLAIN: (
            "id reference programme interpreter language begins_at ends_at cancelled_at recorded_by recorded_at "
            "request_key"
        ),
    },
    "LegalAid": {
        Sensitivity.CRIMINAL: "bar asked_on",
        Sensitivity.NARRATIVE: "lawyer",
        Sensitivity.PLAIN: "id reference programme recorded_by recorded_at request_key",
    },
    "LegalStep": {Sensitivity.CRIMINAL: "step taken_on", Sensitivity.PLAIN: "id legal_aid"},
    "Compensation": {
        Sensitivity.CRIMINAL: "claimed_on claimed currency outcome awarded decided_on",
        Sensitivity.NARRATIVE: "court",
        Sensitivity.PLAIN: "id reference programme version recorded_by recorded_at request_key",
    },
    "CashSupport": {
        Sensitivity.NARRATIVE: "conditions",
        Sensitivity.PLAIN: (
            "id reference programme kind amount currency begins_on ends_on recorded_by recorded_at request_key"
        ),
    },
    "Conference": {
        Sensitivity.NARRATIVE: "note",
        Sensitivity.PLAIN: "id reference programme held_on recorded_by recorded_at request_key",
    },
    "ConferenceSeat": {Sensitivity.PLAIN: "id conference institution"},
    "ConferenceDecision": {
        Sensitivity.NARRATIVE: "wording",
        Sensitivity.PLAIN: "id reference conference institution due_on done_on recorded_by recorded_at request_key",
    },
    # shelters
    #
    # permits and returns
    #
    # official documents
    #
}
