import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """A worker shows its models, memory and pulse; operators give it orders."""

    dependencies = [
        ('jobs', '0003_job_is_favourite'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveField(
            model_name='worker',
            name='models_loaded',
        ),
        migrations.AddField(
            model_name='worker',
            name='busy_share',
            field=models.FloatField(default=0.0, help_text='Of the last minute, how much the device was held.', verbose_name='busy share'),
        ),
        migrations.AddField(
            model_name='worker',
            name='draining',
            field=models.BooleanField(default=False, verbose_name='draining'),
        ),
        migrations.AddField(
            model_name='worker',
            name='live',
            field=models.BooleanField(default=True, help_text='Whether the device moves, or rests.', verbose_name='live'),
        ),
        migrations.AddField(
            model_name='worker',
            name='memory',
            field=models.JSONField(default=dict, verbose_name='memory'),
        ),
        migrations.AddField(
            model_name='worker',
            name='residents',
            field=models.JSONField(default=list, verbose_name='models loaded'),
        ),
        migrations.AddField(
            model_name='worker',
            name='step_seconds',
            field=models.FloatField(default=0.0, help_text='How long the current step has run.', verbose_name='step seconds'),
        ),
        migrations.AddField(
            model_name='worker',
            name='trouble',
            field=models.TextField(blank=True, help_text='What went wrong at its start, for operators.', verbose_name='trouble'),
        ),
        migrations.AddField(
            model_name='worker',
            name='waiting',
            field=models.PositiveIntegerField(default=0, verbose_name='runs waiting for the device'),
        ),
        migrations.CreateModel(
            name='WorkerOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('worker', models.CharField(max_length=100, verbose_name='worker')),
                ('action', models.CharField(choices=[('drain', 'Drain'), ('unload', 'Unload a model'), ('warm', 'Load and warm up a model'), ('free_cache', 'Free the cache of the device')], max_length=12, verbose_name='action')),
                ('model', models.CharField(blank=True, max_length=100, verbose_name='model')),
                ('created_at', models.DateTimeField(verbose_name='created')),
                ('taken_at', models.DateTimeField(blank=True, null=True, verbose_name='taken')),
                ('done_at', models.DateTimeField(blank=True, null=True, verbose_name='done')),
                ('outcome', models.CharField(blank=True, choices=[('done', 'Done'), ('failed', 'Failed'), ('expired', 'Expired')], max_length=8, verbose_name='outcome')),
                ('detail', models.TextField(blank=True, help_text='For operators.', verbose_name='detail')),
                ('requested_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='worker_orders', to=settings.AUTH_USER_MODEL, verbose_name='requested by')),
            ],
            options={
                'verbose_name': 'order to a worker',
                'verbose_name_plural': 'orders to workers',
                'ordering': ('-created_at', '-id'),
                'constraints': [models.UniqueConstraint(condition=models.Q(('done_at__isnull', True)), fields=('worker', 'action', 'model'), name='worker_order_open_once')],
            },
        ),
    ]
