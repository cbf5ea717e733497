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
    "PaperCheck": {
        Sensitivity.IDENTITY: "zone",
        Sensitivity.NARRATIVE: "note",
        Sensitivity.PLAIN: (
            "id reference case kind country status result alterations verdict checked_by checked_at sent_to finding "
            "found_by found_at version request_key"
        ),
    },
    # directory
    #
    # referrals
    #
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
