"""The roles that the house depends on."""

from django.db import migrations

ROLES = {
    "administrator": ("Administrator", "Manages users, roles and settings."),
    "operator": ("Operator", "Watches the queue and the workers; never sees pictures."),
    "user": ("User", "Works with their own pictures."),
}


def make_roles(apps, schema_editor):
    Role = apps.get_model("accounts", "Role")
    for code, (name, description) in ROLES.items():
        Role.objects.get_or_create(code=code, defaults={"name": name, "description": description})


class Migration(migrations.Migration):

    dependencies = [("accounts", "0002_credentials_sessions_receipts")]

    operations = [migrations.RunPython(make_roles, migrations.RunPython.noop)]
