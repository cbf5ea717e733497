"""The class of each field of the room. A field that is not in here fails a test (tests/security)."""

from kalkan.access.sensitivity import Declared, Sensitivity

FIELDS: Declared = {
    "Promise": {
        Sensitivity.PLAIN: (
            "id reference kind subject case institution province owner provision made_at due_at kept_at dropped_at "
            "escalated_at"
        ),
    },
    # The area is a fact of health where it stands beside a person (see "Goal"). Here it is all that an institution is
    # told of what it is asked for, like the category of a referral: without it nobody could keep the promise.
    "Duty": {
        Sensitivity.PLAIN: "id promise goal decision area asked_by answer done_on reason answered_by answered_at",
    },
    "Reminder": {Sensitivity.PLAIN: "id promise days at"},
    # pathways and travel documents
    "Pathway": {
        Sensitivity.PLAIN: (
            "id reference case person province need status institution owner opened_on closed_on outcome provision by "
            "recorded_at version request_key"
        ),
    },
    "PathwayStep": {
        Sensitivity.NARRATIVE: "note",
        Sensitivity.PLAIN: "id pathway move source target institution on by recorded_at request_key",
    },
    "PaperCheck": {
        Sensitivity.IDENTITY: "zone",
        Sensitivity.NARRATIVE: "note",
        Sensitivity.PLAIN: (
            "id reference case kind country status result alterations verdict checked_by checked_at sent_to finding "
            "found_by found_at version request_key"
        ),
    },
    # directory
    # Of a shelter's service whatever leads to the place is empty, see `models.directory`.
    "Service": {
        Sensitivity.PLAIN: (
            "id reference institution category name_tr name_en description_tr description_en province languages sexes "
            "citizenships accessibility age_from age_to is_always_open days opens_at closes_at capacity cost address "
            "phone email web verified_on verified_by is_active is_invented changed_at version request_key"
        ),
    },
    # referrals
    "Referral": {
        Sensitivity.PLAIN: (
            "id reference number case province sender sent_by sent_at receiver category purpose is_urgent consent "
            "provision ground onward_of status ended_at version request_key"
        ),
    },
    "ReferralMove": {Sensitivity.PLAIN: "id referral move source target reason by at"},
    "ReferralPackage": {Sensitivity.IDENTITY: "sealed signature", Sensitivity.PLAIN: "id referral key"},
    "ReferralMessage": {Sensitivity.NARRATIVE: "sealed", Sensitivity.PLAIN: "id reference referral kind by at"},
    "ReferralCode": {
        Sensitivity.PLAIN: "id referral digest made_by made_at expires_at tries used_at withdrawn_at",
    },
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
        Sensitivity.NARRATIVE: "wording reason",
        Sensitivity.PLAIN: (
            "id reference conference institution due_on done_on dropped_on recorded_by recorded_at request_key"
        ),
    },
    # shelters
    #
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
    "Permit": {
        Sensitivity.IDENTITY: "number",
        Sensitivity.CRIMINAL: "cancel_ground cancel_report was_forced",
        Sensitivity.NARRATIVE: "reasons",
        Sensitivity.PLAIN: (
            "id reference case person kind ground starts_on ends_on provision total_provision requested_on "
            "requested_by state decided_on decided_by cancelled_on cancelled_by cancel_provision report left_on "
            "left_by left_reason recorded_at version request_key"
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
    # The file that it points to is sealed; what is here tells which paper was handed out, not what it says.
    "OfficialDocument": {
        Sensitivity.NARRATIVE: "attachment",
        Sensitivity.PLAIN: (
            "id reference case kind language layout content_sha256 sha256 made_by made_at request_key"
        ),
    },
}
