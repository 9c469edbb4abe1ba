from django.db import migrations

from xinzhi.campaign.audit.protection import append_only


class Migration(migrations.Migration):
    dependencies = [("results", "0001_initial")]
    operations = [
        append_only(
            "results_snapshot",
            "id = NEW.id OR (campaign_id = NEW.campaign_id AND number = NEW.number)",
        )
    ]
