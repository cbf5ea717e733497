"""Batches of sealed events, as append-only as the events; and an index by time that costs a writer nothing."""

import django.contrib.postgres.indexes
from django.db import migrations, models

FORWARD = """
CREATE TRIGGER audit_batch_keeps_its_rows BEFORE UPDATE OR DELETE ON audit_batch
    FOR EACH ROW EXECUTE FUNCTION audit_event_is_never_changed();
CREATE TRIGGER audit_batch_keeps_its_table BEFORE TRUNCATE ON audit_batch
    FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_never_changed();
ALTER TABLE audit_batch ENABLE ALWAYS TRIGGER audit_batch_keeps_its_rows;
ALTER TABLE audit_batch ENABLE ALWAYS TRIGGER audit_batch_keeps_its_table;
-- Hashes do not compress: trying costs time at every seal.
ALTER TABLE audit_batch ALTER COLUMN entries SET STORAGE EXTERNAL;
"""
BACKWARD = """
DROP TRIGGER audit_batch_keeps_its_table ON audit_batch;
DROP TRIGGER audit_batch_keeps_its_rows ON audit_batch;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_append_only")]
    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("last", models.BigIntegerField(help_text="Number of its last event", unique=True)),
                ("head", models.TextField(help_text="The text that is signed")),
                ("signature", models.BinaryField()),
                (
                    "entries",
                    models.BinaryField(help_text="For each event: number (8 bytes), reference (16), leaf hash (32)"),
                ),
            ],
            options={"ordering": ["number"]},
        ),
        migrations.AddIndex(
            model_name="auditevent",
            index=django.contrib.postgres.indexes.BrinIndex(fields=["at"], name="audit_event_at", pages_per_range=32),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
