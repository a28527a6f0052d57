from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # An index that is made beside those who sign in can't be made in a transaction.
    atomic = False

    dependencies = [
        ('accounts', '0013_muting'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='user',
            index=models.Index('muted_until', name='user_muted', condition=models.Q(('muted_until__isnull', False))),
        ),
    ]
