from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # An index that is made beside those who read and write can't be made in a transaction.
    atomic = False

    dependencies = [
        ('audit', '0004_checkpoints'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='entry',
            index=models.Index('category', 'verb', name='audit_entry_verb'),
        ),
    ]
