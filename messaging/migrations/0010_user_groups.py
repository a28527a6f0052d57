"""User groups, mentions of them, and who may make broad mentions."""

from importlib import import_module

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


_FORMER = import_module("messaging.migrations.0007_rules").FOLD
_EDITS = "edits_s = case when new.payload ? 'edits_s' then (new.payload ->> 'edits_s')::integer else edits_s end"
_BROAD = "broad_mentions = coalesce((new.payload ->> 'broad_mentions')::boolean, broad_mentions)"
#: The fold knows the rule for broad mentions.
FOLD = _FORMER.replace(_EDITS, f"{_EDITS},\n            {_BROAD}")


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0009_reports'),
    ]

    operations = [
        migrations.CreateModel(
            name='UserGroup',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('handle', models.CharField(max_length=32)),
                ('name', models.CharField(max_length=64)),
                ('description', models.CharField(blank=True, max_length=250)),
                ('made_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('closed_at', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'user_group',
            },
        ),
        migrations.CreateModel(
            name='UserGroupMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('person_id', models.BigIntegerField()),
                ('since', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('until', models.DateTimeField(null=True)),
            ],
            options={
                'db_table': 'user_group_member',
            },
        ),
        migrations.AddField(
            model_name='conversation',
            name='broad_mentions',
            field=models.BooleanField(db_default=False),
        ),
        migrations.AddField(
            model_name='mention',
            name='at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='mention',
            name='group_id',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name='mention',
            name='thread',
            field=models.BigIntegerField(null=True),
        ),
        migrations.AddConstraint(
            model_name='usergroup',
            constraint=models.UniqueConstraint(models.F('handle'), condition=models.Q(('closed_at', None)), name='user_group_handle'),
        ),
        migrations.AddField(
            model_name='usergroupmember',
            name='group',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='messaging.usergroup'),
        ),
        migrations.AddIndex(
            model_name='usergroupmember',
            index=models.Index(models.F('person_id'), models.F('group'), name='user_group_of_person'),
        ),
        migrations.AddConstraint(
            model_name='usergroupmember',
            constraint=models.UniqueConstraint(models.F('group'), models.F('person_id'), condition=models.Q(('until', None)), name='user_group_member_once'),
        ),
        migrations.RunSQL(FOLD, _FORMER),
    ]
