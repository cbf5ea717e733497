"""What a support plan asks of an institution that does not hold the case: its narrow row, and whose it is."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

READS = """(
    (SELECT kalkan_may('assistance:programme:work')) OR (SELECT kalkan_may('assistance:programme:approve'))
    OR (SELECT kalkan_may('cases:case:oversee'))
)"""
WALL = f"""
ALTER TABLE assistance_duty ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON assistance_duty FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('erasure'))
    OR (SELECT kalkan_may('cases:case:view')) AND EXISTS (
        SELECT 1 FROM assistance_promise p
        WHERE p.id = promise_id AND (
            p.institution_id = (SELECT kalkan_institution())
            OR {READS} AND EXISTS (SELECT 1 FROM cases_case c WHERE c.id = p.case_id)
        )
    )
);
"""
# What an emergency shows is read, never changed; what the own institution owes is answered all the same.
CLOSED = """
CREATE POLICY not_in_an_emergency_{act} ON assistance_duty AS RESTRICTIVE FOR {act} TO kalkan_app {clause} (
    NOT EXISTS (
        SELECT 1 FROM assistance_promise p JOIN cases_case c ON c.id = p.case_id
        WHERE p.id = promise_id AND p.institution_id <> (SELECT kalkan_institution())
            AND c.reference = ANY ((SELECT kalkan_opened_cases())::uuid[])
    )
);
CREATE POLICY not_at_the_gate_{act} ON assistance_duty AS RESTRICTIVE FOR {act} TO kalkan_app {clause} (
    (SELECT current_setting('kalkan.task', true)) IS DISTINCT FROM 'gate'
);
"""
ACTS = [("INSERT", "WITH CHECK"), ("UPDATE", "USING"), ("DELETE", "USING")]
RULES = """
CREATE FUNCTION assistance_duty_is_answered_once() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    said text[] := '{answer,done_on,reason,answered_by_id,answered_at}';
BEGIN
    IF (to_jsonb(OLD) - said - 'asked_by_id') <> (to_jsonb(NEW) - said - 'asked_by_id')
        OR OLD.answer <> '' AND (to_jsonb(OLD) <> to_jsonb(NEW))
        OR OLD.answer = '' AND NEW.answer <> '' AND NOT EXISTS (
            SELECT 1 FROM assistance_promise p JOIN access_user u ON u.id = NEW.answered_by_id
            WHERE p.id = NEW.promise_id AND p.institution_id = u.institution_id
        )
    THEN
        RAISE EXCEPTION 'duty_is_answered_once_by_whoever_owes_it' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER duty_is_answered_once BEFORE UPDATE ON assistance_duty
    FOR EACH ROW EXECUTE FUNCTION assistance_duty_is_answered_once();

-- What the asker owes once it was answered: the answering institution makes that promise, and sees it at no other time.
CREATE FUNCTION assistance_duty_is_asked(about uuid, asker bigint) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT EXISTS (
        SELECT 1 FROM assistance_duty d JOIN assistance_promise p ON p.id = d.promise_id
            JOIN access_user u ON u.id = d.asked_by_id
        WHERE p.subject = about AND p.institution_id = kalkan_institution() AND u.institution_id = asker
    )
$$;
CREATE POLICY answering ON assistance_promise FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('receiving')) AND (SELECT kalkan_may('cases:case:view'))
    AND kind = 'plan_answer' AND assistance_duty_is_asked(subject, institution_id)
);
"""
# What was promised before there were duties is asked for too.
ASKED = """
INSERT INTO assistance_duty (promise_id, goal_id, decision_id, area, asked_by_id, answer, reason)
SELECT p.id, g.id, d.id, coalesce(g.area, ''), m.officer_id, '', ''
FROM assistance_promise p
LEFT JOIN assistance_goal g ON p.kind = 'goal' AND g.reference = p.subject
LEFT JOIN assistance_conferencedecision d ON p.kind = 'conference_decision' AND d.reference = p.subject
LEFT JOIN assistance_conference k ON k.id = d.conference_id
JOIN assistance_programme m ON m.id = coalesce(g.programme_id, k.programme_id)
WHERE p.kind IN ('goal', 'conference_decision');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0060_shelter_place"),
        ("assistance", "0080_gate_first"),
        ("persons", "0070_attachment_content"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Duty",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "area",
                    models.CharField(
                        blank=True, help_text="code list `need_area`; empty for a decision", max_length=40
                    ),
                ),
                (
                    "answer",
                    models.CharField(
                        blank=True, choices=[("done", "It was done"), ("cannot", "It cannot be done")], max_length=10
                    ),
                ),
                ("done_on", models.DateField(null=True)),
                ("reason", models.CharField(blank=True, help_text="code list `duty_refusal`", max_length=40)),
                ("answered_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddField(
            model_name="conferencedecision",
            name="dropped_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="conferencedecision",
            name="reason",
            field=models.ForeignKey(
                blank=True,
                help_text="Why it was dropped",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="persons.sealedtext",
            ),
        ),
        migrations.AddConstraint(
            model_name="conferencedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(("done_on", None), ("dropped_on", None), _connector="OR"),
                name="decision_is_done_or_dropped",
            ),
        ),
        migrations.AddField(
            model_name="duty",
            name="answered_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="duty",
            name="asked_by",
            field=models.ForeignKey(
                help_text="Protection officer",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="duty",
            name="decision",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="duties",
                to="assistance.conferencedecision",
            ),
        ),
        migrations.AddField(
            model_name="duty",
            name="goal",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="duties", to="assistance.goal"
            ),
        ),
        migrations.AddField(
            model_name="duty",
            name="promise",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="duty", to="assistance.promise"
            ),
        ),
        migrations.AddConstraint(
            model_name="duty",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("decision", None), ("goal__isnull", False)),
                    models.Q(("decision__isnull", False), ("goal", None)),
                    _connector="OR",
                ),
                name="duty_is_of_a_goal_or_of_a_decision",
            ),
        ),
        migrations.AddConstraint(
            model_name="duty",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", ""), ("answered_at", None), ("answered_by", None)),
                    models.Q(
                        models.Q(("answer", ""), _negated=True),
                        ("answered_at__isnull", False),
                        ("answered_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="answered_duty_has_a_hand_and_a_moment",
            ),
        ),
        migrations.AddConstraint(
            model_name="duty",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answer", ""), ("done_on", None), ("reason", "")),
                    models.Q(("answer", "done"), ("done_on__isnull", False), ("reason", "")),
                    models.Q(("answer", "cannot"), ("done_on", None), models.Q(("reason", ""), _negated=True)),
                    _connector="OR",
                ),
                name="duty_is_done_on_a_day_or_refused_for_a_reason",
            ),
        ),
        migrations.RunSQL(WALL, migrations.RunSQL.noop),
        *(migrations.RunSQL(CLOSED.format(act=act, clause=clause), migrations.RunSQL.noop) for act, clause in ACTS),
        migrations.RunSQL(RULES, migrations.RunSQL.noop),
        migrations.RunSQL(ASKED, migrations.RunSQL.noop),
    ]
