"""Where the centre of each province is; the next load of the reference data fills it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vocabulary", "0001_initial")]
    operations = [
        migrations.AddField(
            model_name="province",
            name="latitude",
            field=models.FloatField(
                help_text="Of the province's centre, in degrees north; null until loaded", null=True
            ),
        ),
        migrations.AddField(
            model_name="province",
            name="longitude",
            field=models.FloatField(
                help_text="Of the province's centre, in degrees east; null until loaded", null=True
            ),
        ),
    ]
