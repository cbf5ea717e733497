"""The class of each field of a case. A field that is not in here fails a test (tests/security)."""

from kalkan.access.sensitivity import Declared, Sensitivity

FIELDS: Declared = {
    "CaseNumber": {Sensitivity.PLAIN: "id year province last"},
    "Case": {
        Sensitivity.CRIMINAL: "charged_articles",
        Sensitivity.PLAIN: (
            "id reference number person stage institution province is_child is_with_authority is_urgent source signal "
            "is_historic opened_on opened_on_precision opened_by assigned_to outcome decided_on closed_on "
            "closing_reason next_due_on recorded_at version request_key"
        ),
    },
    "StageChange": {Sensitivity.PLAIN: "id case move source target by on recorded_at facts"},
    "Screening": {
        Sensitivity.NARRATIVE: "dissent",
        Sensitivity.PLAIN: (
            "id reference case profile held_on held_at_place conclusion advice concluded_on concluded_by "
            "concluded_at version"
        ),
    },
    # The questions ask for injuries, illness, pregnancy and thoughts of self-harm: what was answered is health.
    "Answer": {Sensitivity.HEALTH: "said", Sensitivity.PLAIN: "id screening question by at version"},
    "Interview": {
        Sensitivity.NARRATIVE: "narrative",
        Sensitivity.PLAIN: (
            "id reference case kind held_on language interpreter guardian rights_explained by recorded_at request_key"
        ),
    },
    "Decision": {
        Sensitivity.NARRATIVE: "grounds reasons",
        Sensitivity.PLAIN: (
            "id reference case is_child act_found means_found purpose_found proposed grounds_codes provision "
            "drafted_by drafted_on outcome decided_by decided_on reconsiders recorded_at version request_key"
        ),
    },
    "Episode": {
        Sensitivity.NARRATIVE: "place",
        Sensitivity.PLAIN: (
            "id reference case forms sub_forms sector means recruitment recruiter_relation countries province "
            "began_on began_precision ended_on ended_precision by recorded_at request_key"
        ),
    },
    "AllegedPerpetrator": {
        Sensitivity.CRIMINAL: "role relation sex citizenship",
        Sensitivity.PLAIN: "id reference case by recorded_at request_key",
    },
    "CaseLink": {Sensitivity.PLAIN: "id case other kind by"},
    "Deadline": {Sensitivity.PLAIN: "id case kind provision starts_on due_on met_on"},
    "CaseAttachment": {Sensitivity.PLAIN: "id case attachment"},
}
