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
    # shelters
    #
    # permits and returns
    "Permit": {
        Sensitivity.IDENTITY: "number",
        Sensitivity.CRIMINAL: "cancel_ground was_forced",
        Sensitivity.NARRATIVE: "reasons",
        Sensitivity.PLAIN: (
            "id reference case person kind ground starts_on ends_on provision total_provision requested_on "
            "requested_by state decided_on decided_by cancelled_on cancelled_by cancel_provision recorded_at version "
            "request_key"
        ),
    },
    "ReturnPlan": {
        Sensitivity.NARRATIVE: "risk_note receiver_words approval_ground",
        Sensitivity.CRIMINAL: "risks risks_unknown",
        Sensitivity.PLAIN: (
            "id reference case stage moment provision offered_on offered_by destination risk assessed_on assessed_by "
            "language decided_on decision_recorded_by cooling_off cooling_off_until papers escort receiver "
            "arranged_by approved_on approved_by departed_on arrived_on ended_on recorded_at version request_key"
        ),
    },
    "ReturnFollowUp": {
        Sensitivity.NARRATIVE: "note",
        Sensitivity.PLAIN: "id plan months held_on contact outcome by recorded_at",
    },
    "GateCheck": {
        Sensitivity.PLAIN: (
            "id reference asked_at asked_by institution province verdict reasons is_found screen_by case closed_at "
            "request_key"
        ),
    },
    # official documents
    #
}
