from django.db import migrations, models


class Migration(migrations.Migration):
    """Owners mark jobs they want to find again."""

    dependencies = [("jobs", "0002_job_usage_index")]

    operations = [
        migrations.AddField(
            model_name="job",
            name="is_favourite",
            field=models.BooleanField(default=False, verbose_name="favourite"),
        ),
    ]
