"""Units are told of decisions, and it is kept when."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("review", "0003_masks_word_by_word")]

    operations = [
        migrations.AddField("case", "told_at", models.DateTimeField(blank=True, null=True)),
    ]
