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
    #
    # shelters
    #
    # permits and returns
    #
    # official documents
    # The file that it points to is sealed; what is here tells which paper was handed out, not what it says.
    "OfficialDocument": {
        Sensitivity.NARRATIVE: "attachment",
        Sensitivity.PLAIN: (
            "id reference case kind language layout content_sha256 sha256 made_by made_at request_key"
        ),
    },
}
