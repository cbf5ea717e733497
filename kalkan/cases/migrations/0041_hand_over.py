"""An administrator hands over open cases without being able to see one: the database admits that task, and only it."""

from django.db import migrations

FORWARD = """
CREATE POLICY counting_hands ON cases_case FOR SELECT TO kalkan_app USING ((SELECT kalkan_works_on('hand_over')));
CREATE POLICY handing_over ON cases_case FOR UPDATE TO kalkan_app USING ((SELECT kalkan_works_on('hand_over')));
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0040_case_attachment")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
