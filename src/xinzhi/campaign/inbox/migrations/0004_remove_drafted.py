from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("inbox", "0003_reply"),
    ]

    operations = [
        migrations.RemoveField(model_name="arrival", name="drafted"),
    ]
