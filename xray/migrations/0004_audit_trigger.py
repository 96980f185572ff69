"""On PostgreSQL the database itself keeps the rows of the audit trail."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

# Not on SQLite: whoever can open its file can remove a trigger, too, and emptying the database
# between tests deletes rows. There, as everywhere, the chain of digests tells.
KEEP = """
CREATE FUNCTION xray_audit_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'audit events do not change and are not removed';
END $$;
CREATE TRIGGER xray_audit_keep BEFORE UPDATE OR DELETE ON xray_auditevent
    FOR EACH ROW EXECUTE FUNCTION xray_audit_keep();
"""
RELEASE = """
DROP TRIGGER xray_audit_keep ON xray_auditevent;
DROP FUNCTION xray_audit_keep();
"""


def keep(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Refuse UPDATE and DELETE."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(KEEP)


def release(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """As before."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(RELEASE)


class Migration(migrations.Migration):
    dependencies = [("xray", "0003_audit_append_only")]

    operations = [migrations.RunPython(keep, release)]
