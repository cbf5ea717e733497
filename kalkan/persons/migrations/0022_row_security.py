"""Who sees requests to erase, their proofs and legal holds, held by the database too."""

from django.db import migrations

FORWARD = """
ALTER TABLE persons_erasure ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON persons_erasure FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('erasure')) OR (SELECT kalkan_may('persons:person:erase'))
);
ALTER TABLE persons_legalhold ENABLE ROW LEVEL SECURITY;
CREATE POLICY reading ON persons_legalhold FOR ALL TO kalkan_app USING (
    (SELECT kalkan_works_on('erasure')) OR (SELECT kalkan_may('persons:hold:set'))
);
"""


class Migration(migrations.Migration):
    dependencies = [("persons", "0021_what_is_erased_stays_so"), ("persons", "0002_row_security")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
