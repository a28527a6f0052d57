from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently, TrigramExtension
from django.db import migrations
from django.db.models.functions import Upper


class Migration(migrations.Migration):
    # An index that is made beside those who read and write can't be made in a transaction.
    atomic = False

    dependencies = [
        ('accounts', '0005_administration'),
    ]

    operations = [
        TrigramExtension(),
        AddIndexConcurrently(
            model_name='user',
            index=GinIndex(
                OpClass(Upper('username'), 'gin_trgm_ops'),
                OpClass(Upper('name'), 'gin_trgm_ops'),
                OpClass(Upper('email'), 'gin_trgm_ops'),
                name='user_any_part',
            ),
        ),
    ]
