"""When somebody was last here was not kept before: for who is here the days begin now, or all would be dormant."""

from django.db import migrations
from django.db.models.functions import Now


def begin_now(apps, schema_editor):
    users = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    users.filter(last_active_at=None, is_active=True, kind="person").update(last_active_at=Now())


class Migration(migrations.Migration):
    dependencies = [("accounts", "0007_doors")]

    operations = [migrations.RunPython(begin_now, migrations.RunPython.noop)]
