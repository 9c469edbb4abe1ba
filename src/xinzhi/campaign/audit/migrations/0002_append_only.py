from django.db import migrations

from xinzhi.campaign.audit.protection import append_only


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [append_only("audit_event", "sequence = NEW.sequence")]
