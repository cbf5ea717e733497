"""Whose support programmes exist for whom, held by the database too, and what no row of one may ever say."""

from django.db import migrations

READS = """(
    (SELECT kalkan_may('assistance:programme:work')) OR (SELECT kalkan_may('assistance:programme:approve'))
    OR (SELECT kalkan_may('cases:case:oversee'))
)"""
PROGRAMMES = f"""
ALTER TABLE assistance_programme ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_programme FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('gate', 'figures', 'erasure'))
    OR (SELECT kalkan_may('cases:case:view')) AND {READS} AND EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)
);
ALTER TABLE assistance_informationgiven ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_informationgiven FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('figures', 'erasure'))
    OR (SELECT kalkan_may('cases:case:view')) AND EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)
);
ALTER TABLE assistance_interpreter ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_interpreter FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('erasure')) OR (SELECT kalkan_may('cases:case:view')) AND {READS}
);
ALTER TABLE assistance_carenote ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_carenote FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('erasure'))
    OR (SELECT kalkan_may('assistance:care:view'))
        AND EXISTS (SELECT 1 FROM assistance_programme p WHERE p.id = programme_id)
        AND NOT EXISTS (
            SELECT 1 FROM assistance_programme p JOIN cases_case c ON c.id = p.case_id
            WHERE p.id = programme_id AND c.reference = ANY ((SELECT kalkan_opened_cases())::uuid[])
        )
);
-- The words of a care note are sealed like every other text; fewer may even see that they are there.
CREATE POLICY care ON persons_sealedtext AS RESTRICTIVE FOR ALL TO kalkan_app USING (
    topic <> 'care' OR (SELECT kalkan_may('assistance:care:view'))
    OR (SELECT kalkan_works_on('matching', 'import', 'erasure'))
);
"""
OF_A_PARENT = """
ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON {table} FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('figures', 'erasure')) OR EXISTS (SELECT 1 FROM {parent} p WHERE p.id = {column})
);
"""
CHILDREN = {
    **dict.fromkeys(
        (
            *("assistance_needsassessment", "assistance_goal", "assistance_servicedelivered"),
            *("assistance_programmereview", "assistance_evaluationreport", "assistance_companion"),
            *("assistance_booking", "assistance_legalaid", "assistance_compensation", "assistance_cashsupport"),
            "assistance_conference",
        ),
        ("assistance_programme", "programme_id"),
    ),
    "assistance_needscore": ("assistance_needsassessment", "assessment_id"),
    "assistance_legalstep": ("assistance_legalaid", "legal_aid_id"),
    "assistance_conferenceseat": ("assistance_conference", "conference_id"),
    "assistance_conferencedecision": ("assistance_conference", "conference_id"),
}
# What an emergency shows is read, never changed.
CLOSED = """
CREATE POLICY not_in_an_emergency_{act} ON {table} AS RESTRICTIVE FOR {act} TO kalkan_app {clause} (
    NOT EXISTS ({case} AND c.reference = ANY ((SELECT kalkan_opened_cases())::uuid[]))
);
"""
_OF = "SELECT 1 FROM assistance_programme p JOIN cases_case c ON c.id = p.case_id"
CASES = {
    "assistance_programme": "SELECT 1 FROM cases_case c WHERE c.id = case_id",
    "assistance_informationgiven": "SELECT 1 FROM cases_case c WHERE c.id = case_id",
    **{
        table: f"{_OF} WHERE p.id = programme_id"
        for table, (parent, _column) in CHILDREN.items()
        if parent == "assistance_programme"
    },
    "assistance_needscore": f"{_OF} JOIN assistance_needsassessment a ON a.programme_id = p.id "
    "WHERE a.id = assessment_id",
    "assistance_legalstep": f"{_OF} JOIN assistance_legalaid a ON a.programme_id = p.id WHERE a.id = legal_aid_id",
    **dict.fromkeys(
        ("assistance_conferenceseat", "assistance_conferencedecision"),
        f"{_OF} JOIN assistance_conference a ON a.programme_id = p.id WHERE a.id = conference_id",
    ),
}
ACTS = [("INSERT", "WITH CHECK"), ("UPDATE", "USING"), ("DELETE", "USING")]

RULES = """
CREATE FUNCTION assistance_programme_ends_by_approved_report() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.ended_on IS NOT NULL
        AND (NEW.ended_on, NEW.ended_by_id, NEW.case_id) IS DISTINCT FROM (OLD.ended_on, OLD.ended_by_id, OLD.case_id)
    THEN
        RAISE EXCEPTION 'ended programme stays ended' USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.ended_by_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM assistance_evaluationreport r
        WHERE r.id = NEW.ended_by_id AND r.programme_id = NEW.id AND r.state = 'approved' AND r.verdict = 'end'
    ) THEN
        RAISE EXCEPTION 'programme ends by its own approved report' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER programme_ends_by_approved_report BEFORE INSERT OR UPDATE ON assistance_programme
    FOR EACH ROW EXECUTE FUNCTION assistance_programme_ends_by_approved_report();

CREATE FUNCTION assistance_report_is_answered_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'written' THEN
        RAISE EXCEPTION 'answered report is never altered' USING ERRCODE = 'check_violation';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER report_is_answered_once BEFORE UPDATE OR DELETE ON assistance_evaluationreport
    FOR EACH ROW EXECUTE FUNCTION assistance_report_is_answered_once();

CREATE FUNCTION assistance_case_closes_after_its_programme() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM assistance_programme p WHERE p.case_id = NEW.id AND p.ended_on IS NULL) THEN
        RAISE EXCEPTION 'case closes after its programme' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER case_closes_after_its_programme BEFORE UPDATE OF stage ON cases_case
    FOR EACH ROW WHEN (NEW.stage = 'closed' AND OLD.stage <> 'closed')
    EXECUTE FUNCTION assistance_case_closes_after_its_programme();

-- The rules look at rows that whoever acts need not see.
DO $$
DECLARE
    rule text;
BEGIN
    FOREACH rule IN ARRAY ARRAY['assistance_programme_ends_by_approved_report', 'assistance_report_is_answered_once',
                                'assistance_case_closes_after_its_programme']
    LOOP
        EXECUTE format('ALTER FUNCTION %I() SECURITY DEFINER SET search_path = pg_catalog, public', rule);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("assistance", "0040_programme"),
        ("access", "0032_emergency_row_security"),
        ("persons", "0030_emergency_row_security"),
    ]
    operations = [
        migrations.RunSQL(PROGRAMMES, migrations.RunSQL.noop),
        *(
            migrations.RunSQL(OF_A_PARENT.format(table=table, parent=parent, column=column), migrations.RunSQL.noop)
            for table, (parent, column) in CHILDREN.items()
        ),
        *(
            migrations.RunSQL(CLOSED.format(table=table, act=act, clause=clause, case=case), migrations.RunSQL.noop)
            for table, case in CASES.items()
            for act, clause in ACTS
        ),
        migrations.RunSQL(RULES, migrations.RunSQL.noop),
    ]
