from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # An index that is made beside those who read and write can't be made in a transaction.
    atomic = False

    dependencies = [
        ('messaging', '0010_user_groups'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='mention',
            index=models.Index(models.F('group_id'), models.F('conversation_id'), models.F('thread'), condition=models.Q(('group_id__isnull', False)), name='mention_group'),
        ),
        AddIndexConcurrently(
            model_name='messagestate',
            index=models.Index(models.F('conversation_id'), models.F('seq'), condition=models.Q(('deleted_at__isnull', False)), name='message_deleted'),
        ),
    ]
