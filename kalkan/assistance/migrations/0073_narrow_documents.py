"""Documents of what is narrower than the case exist for those alone who work with it."""

from django.db import migrations

READING = """
DROP POLICY reading ON assistance_officialdocument;
CREATE POLICY reading ON assistance_officialdocument FOR SELECT TO kalkan_app USING (
    (SELECT kalkan_works_on('erasure'))
    OR (SELECT kalkan_may('cases:case:view')) AND EXISTS (SELECT 1 FROM cases_case c WHERE c.id = case_id)
    AND CASE kind
        WHEN 'evaluation_report' THEN
            (SELECT kalkan_may('assistance:programme:work') OR kalkan_may('assistance:programme:approve')
                    OR kalkan_may('cases:case:oversee'))
        WHEN 'permit_request' THEN
            (SELECT kalkan_may('assistance:permit:request') OR kalkan_may('assistance:permit:decide'))
        WHEN 'return_agreement' THEN
            (SELECT kalkan_may('assistance:return:plan') OR kalkan_may('assistance:return:approve'))
        ELSE true
    END
);
"""


class Migration(migrations.Migration):
    dependencies = [("assistance", "0072_nothing_is_written_at_the_gate")]
    operations = [migrations.RunSQL(READING, migrations.RunSQL.noop)]
