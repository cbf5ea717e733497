from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("vocabulary", "0010_province_centre")]

    operations = [
        migrations.AlterField(
            model_name="provision",
            name="unit",
            field=models.CharField(
                blank=True,
                choices=[
                    ("hours", "hours"),
                    ("days", "days"),
                    ("working_days", "working days"),
                    ("months", "months"),
                    ("years", "years"),
                ],
                max_length=15,
            ),
        ),
    ]
