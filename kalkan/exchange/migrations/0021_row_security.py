"""Fingerprints of records that must not come back are for imports alone."""

from django.db import migrations

FORWARD = """
ALTER TABLE exchange_erasedrecord ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON exchange_erasedrecord FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('import', 'erasure'))
);
"""


class Migration(migrations.Migration):
    dependencies = [("exchange", "0020_erased_records"), ("exchange", "0002_row_security")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
