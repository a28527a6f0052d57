from django.db import migrations


class Migration(migrations.Migration):
    """Nobody is above the rights: Django's own flags and groups go, in a step after what was read from them."""

    dependencies = [("accounts", "0002_rights")]

    operations = [
        migrations.RemoveField(
            model_name='user',
            name='groups',
        ),
        migrations.RemoveField(
            model_name='user',
            name='is_staff',
        ),
        migrations.RemoveField(
            model_name='user',
            name='is_superuser',
        ),
        migrations.RemoveField(
            model_name='user',
            name='user_permissions',
        ),
    ]
