from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # An index that is made beside those who read and write can't be made in a transaction.
    atomic = False

    dependencies = [
        ('messaging', '0003_event_at'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='receipt',
            index=models.Index('conversation_id', 'person_id', 'delivered', name='receipt_delivered'),
        ),
        AddIndexConcurrently(
            model_name='receipt',
            index=models.Index('conversation_id', 'person_id', 'read', name='receipt_read'),
        ),
        RemoveIndexConcurrently(model_name='receipt', name='receipt_person'),
    ]
