"""The class of each field of the vault. A field that is not in here fails a test (tests/security)."""

from kalkan.access.sensitivity import Declared, Sensitivity

FIELDS: Declared = {
    "Person": {
        Sensitivity.IDENTITY: "wrapped_key birth blind_keys",
        # How a person may be reached safely must be read before anybody reveals where; it does not tell where.
        Sensitivity.PLAIN: (
            "id reference sex gender majority is_age_in_doubt age_band citizenships statelessness languages "
            "needs_interpreter may_be_called contact_rule key_version blind_version erased_at source recorded_by "
            "met_on recorded_at version request_key"
        ),
    },
    "Holding": {Sensitivity.PLAIN: "id person institution province since"},
    "PersonName": {Sensitivity.IDENTITY: "sealed", Sensitivity.PLAIN: "id person kind"},
    "IdentityDocument": {
        # Kind, issuing country and whether somebody keeps it from the person are signs; the day picks one out of many.
        Sensitivity.IDENTITY: "sealed expires_on",
        Sensitivity.PLAIN: "id person kind country status",
    },
    "ContactPoint": {Sensitivity.CONTACT: "sealed", Sensitivity.PLAIN: "id person kind is_safe"},
    "SealedText": {
        Sensitivity.NARRATIVE: "sealed",
        Sensitivity.PLAIN: "id reference person topic written_by written_at",
    },
    "Consent": {
        Sensitivity.PLAIN: (
            "id reference person purpose recipient categories language given_how guardian_agreed given_on expires_on "
            "withdrawn_at recorded_by recorded_at request_key"
        ),
    },
    "KeyFingerprint": {Sensitivity.PLAIN: "name fingerprint retired_at"},
    "KeyRotation": {Sensitivity.PLAIN: "id kind version started_at finished_at"},
    "LegalHold": {
        Sensitivity.PLAIN: "id reference person reason set_by set_at lifted_by lifted_at request_key",
    },
    "Erasure": {
        Sensitivity.PLAIN: (
            "id reference person ground rule requested_by requested_at withdrawn_at carried_out_by carried_out_at "
            "removed kept proof reapplied_at request_key"
        ),
    },
    "PossibleSame": {
        Sensitivity.PLAIN: "id reference person other score reasons verdict judged_by judged_at found_at",
    },
    "AttachmentContent": {Sensitivity.NARRATIVE: "sealed sealed_name", Sensitivity.PLAIN: "attachment"},
    "Attachment": {
        Sensitivity.HEALTH: "kind",  # that there is a medical report
        Sensitivity.PLAIN: (
            "id reference person media_type size is_scanned attached_by attached_at removed_by removed_at "
            "removal_reason request_key"
        ),
    },
}
