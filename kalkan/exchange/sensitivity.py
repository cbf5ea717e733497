"""The class of each field of what comes in. A field that is not in here fails a test (tests/security)."""

from kalkan.access.sensitivity import Declared, Sensitivity

FIELDS: Declared = {
    "ImportRun": {
        Sensitivity.PLAIN: (
            "id reference by institution format mapping source state mode file rows rows_done created updated "
            "unchanged failed notices seconds started_at beat_at finished_at request_key"
        ),
    },
    "ImportProblem": {
        # What stood in a cell may be anything; only who brought the file reads it again.
        Sensitivity.NARRATIVE: "sealed_value",
        Sensitivity.PLAIN: "id run row column code facts",
    },
    "ImportedRecord": {Sensitivity.PLAIN: "id source institution key digest case case_version person_version run"},
    "ErasedRecord": {Sensitivity.PLAIN: "id source institution key"},
}
