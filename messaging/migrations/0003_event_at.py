from django.contrib.postgres.indexes import BrinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    # An index that is made beside those who read and write can't be made in a transaction.
    atomic = False

    dependencies = [
        ('messaging', '0002_fold_trigger'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='event',
            index=BrinIndex('at', autosummarize=True, name='event_at'),
        ),
    ]
