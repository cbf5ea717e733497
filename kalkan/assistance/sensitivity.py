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
    #
    # shelters: where one is stands in `access.ShelterPlace` alone
    "Shelter": {Sensitivity.PLAIN: "id reference institution profiles is_accessible residents_per_staff version"},
    "Bed": {Sensitivity.PLAIN: "id reference shelter room number kind retired_on request_key"},
    "BedClosure": {Sensitivity.PLAIN: "id reference bed first_on until_on reason by"},
    "Stay": {
        Sensitivity.PLAIN: (
            "id reference case shelter status replaces urgency wanted_on sex age_band is_child languages children "
            "needs risks requested_by requested_at answers is_high_risk misfits ground assessed_by assessed_at "
            "admitted_by admitted_on left_on reason answered_at version request_key"
        ),
    },
    "BedUse": {Sensitivity.PLAIN: "id stay bed person first_on until_on"},
    "Absence": {
        Sensitivity.PLAIN: "id reference stay is_planned reason since_on expected_on returned_on by recorded_at "
        "request_key"
    },
    "Incident": {
        Sensitivity.NARRATIVE: "account",
        Sensitivity.PLAIN: (
            "id reference shelter stay kind severity happened_on police_informed followed_up_by followed_up_on by "
            "recorded_at request_key"
        ),
    },
    "Shift": {Sensitivity.PLAIN: "id shelter day part staff"},
    "CensusDay": {Sensitivity.PLAIN: "id day taken_at residents"},
    "CensusRow": {Sensitivity.PLAIN: "id day shelter stay bed is_away"},
    # permits and returns
    #
    # official documents
    #
}
