from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # An index that is made beside those who read and write can't be made in a transaction.
    atomic = False

    dependencies = [
        ('messaging', '0007_rules'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='event',
            index=models.Index('conversation_id', 'seq', condition=models.Q(('expires_at__isnull', False)), name='event_expiring'),
        ),
        AddIndexConcurrently(
            model_name='messagestate',
            index=models.Index('conversation_id', 'seq', condition=models.Q(('pinned_at__isnull', False)), name='message_pinned'),
        ),
    ]
