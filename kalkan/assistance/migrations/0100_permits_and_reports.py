"""The evaluation report behind an extension or a cancellation, and why a permit is left to end."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Who decides may set the report with the decision, and a granted permit may be left to end: nothing else of its row.
COLUMNS = """
DO $$
DECLARE
    body text := pg_get_functiondef('assistance_permit_is_lawful'::regproc);
BEGIN
    body := replace(body, 'reasons_id,number_id,version}', 'reasons_id,number_id,report_id,version}');
    body := replace(
        body, 'cancel_provision_id,was_forced,version}',
        'cancel_provision_id,was_forced,cancel_report_id,left_on,left_by_id,left_reason,version}'
    );
    EXECUTE body;
END $$;
"""
# From the beginning of support on, Regulation 29656 puts an approved evaluation report behind both.
REPORTS = """
CREATE FUNCTION assistance_permit_rests_on_a_report() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    report bigint := CASE NEW.state WHEN 'cancelled' THEN NEW.cancel_report_id ELSE NEW.report_id END;
BEGIN
    IF report IS NULL AND NOT EXISTS (SELECT 1 FROM assistance_programme p WHERE p.case_id = NEW.case_id) THEN
        RETURN NEW;
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM assistance_evaluationreport r JOIN assistance_programme p ON p.id = r.programme_id
        WHERE r.id = report AND p.case_id = NEW.case_id AND r.state = 'approved'
            AND r.verdict = ANY (
                CASE NEW.state WHEN 'cancelled' THEN '{cancel_permit,end}' ELSE '{extend_permit}' END::text[]
            )
    ) THEN
        PERFORM cases_refuse('permit_rests_on_an_approved_evaluation_report');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER permit_rests_on_a_report BEFORE UPDATE ON assistance_permit FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND (NEW.state = 'cancelled' OR NEW.state = 'granted' AND NEW.kind = 'extension'))
    EXECUTE FUNCTION assistance_permit_rests_on_a_report();
"""


def _report(words: str) -> models.ForeignKey:
    return models.ForeignKey(
        help_text=f"Behind {words}, wherever support has begun",
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="assistance.evaluationreport",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("assistance", "0091_gate_owes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField("permit", "report", _report("an extension")),
        migrations.AddField("permit", "cancel_report", _report("a cancellation")),
        migrations.AddField(
            "permit",
            "left_on",
            models.DateField(help_text="The day on which it was said that no extension is wanted", null=True),
        ),
        migrations.AddField(
            "permit",
            "left_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            "permit",
            "left_reason",
            models.CharField(blank=True, default="", help_text="code list `permit_left`", max_length=40),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            "permit",
            models.CheckConstraint(
                condition=models.Q(("left_by", None), ("left_on", None), ("left_reason", ""))
                | models.Q(
                    ("left_by__isnull", False), ("left_on__isnull", False), ("state__in", ["granted", "cancelled"])
                )
                & ~models.Q(("left_reason", "")),
                name="permit_that_is_left_to_end_was_granted_and_says_why",
            ),
        ),
        migrations.RunSQL(COLUMNS, migrations.RunSQL.noop),
        migrations.RunSQL(REPORTS, migrations.RunSQL.noop),
    ]
