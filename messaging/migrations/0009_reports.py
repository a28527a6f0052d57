"""Reports and what moderators do with them; the trigger that folds the steps, as the tables' owner."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

#: The application adds steps and changes no report: what they amount to is written with the owner's rights. Of two who
#: claim a report at the same moment, the second one's step fails.
FOLD = """
create function fold_report_step() returns trigger language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
    update public.report set
        holder_id = case new.kind when 'claim' then new.by_id when 'take_over' then new.by_id when 'release' then null
            else holder_id end,
        told_at = case new.kind when 'tell' then new.at else told_at end,
        decided_at = case new.kind when 'decide' then new.at end,
        outcome = case new.kind when 'decide' then new.outcome end
    where id = new.report_id and decided_at is null and (new.kind <> 'claim' or holder_id is null);
    if not found then
        raise exception 'report % takes no step of the kind % now', new.report_id, new.kind
            using errcode = 'check_violation';
    end if;
    return null;
end
$$;
create trigger report_step_folded after insert on report_step for each row execute function fold_report_step();
"""
UNFOLD = """
drop trigger report_step_folded on report_step;
drop function fold_report_step();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('messaging', '0008_expiring_and_pinned'),
    ]

    operations = [
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('conversation_id', models.BigIntegerField()),
                ('kind', models.CharField(max_length=8)),
                ('seq', models.BigIntegerField()),
                ('author_id', models.BigIntegerField()),
                ('version', models.BigIntegerField()),
                ('reporter_id', models.BigIntegerField()),
                ('reason', models.CharField(choices=[('harassment', 'Harassment'), ('spam', 'Spam'), ('confidential', 'Confidential'), ('illegal', 'Illegal'), ('other', 'Other')], max_length=12)),
                ('note', models.CharField(blank=True, max_length=1000)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('holder_id', models.BigIntegerField(null=True)),
                ('told_at', models.DateTimeField(null=True)),
                ('decided_at', models.DateTimeField(null=True)),
                ('outcome', models.CharField(max_length=10, null=True)),
            ],
            options={
                'db_table': 'report',
                'indexes': [models.Index(models.F('reporter_id'), models.F('id'), name='report_reporter'), models.Index(models.F('conversation_id'), models.F('seq'), name='report_message'), models.Index(models.F('at'), models.F('id'), name='report_at'), models.Index(models.F('at'), models.F('id'), condition=models.Q(('decided_at', None)), name='report_open')],
                'constraints': [models.UniqueConstraint(models.F('reporter_id'), models.F('conversation_id'), models.F('seq'), name='report_once')],
            },
        ),
        migrations.CreateModel(
            name='ReportStep',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('claim', 'Claim'), ('release', 'Release'), ('take_over', 'Take Over'), ('tell', 'Tell'), ('decide', 'Decide')], max_length=9)),
                ('by_id', models.BigIntegerField(null=True)),
                ('note', models.CharField(blank=True, max_length=1000)),
                ('outcome', models.CharField(choices=[('dismissed', 'Dismissed'), ('deleted', 'Deleted'), ('muted', 'Muted'), ('silenced', 'Silenced'), ('removed', 'Removed'), ('banned', 'Banned')], max_length=10, null=True)),
                ('is_deleted', models.BooleanField(db_default=False)),
                ('for_s', models.IntegerField(null=True)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('report', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='messaging.report')),
            ],
            options={
                'db_table': 'report_step',
            },
        ),
        migrations.RunSQL(FOLD, UNFOLD),
    ]
