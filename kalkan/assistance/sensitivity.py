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
    #
}
