"""Triggers by which the database itself refuses to alter or remove a row of a table that only grows."""

from __future__ import annotations

from typing import Any

from django.db.migrations import RunPython


def append_only(table: str, same: str) -> RunPython:
    """Return the step of a migration that protects a table; taken back, it is free again.

    `same` is the condition under which a row of the table is the one that NEW would replace.
    """

    def protect(_apps: Any, schema_editor: Any) -> None:
        for statement in protecting(table, same, schema_editor.connection.vendor):
            schema_editor.execute(statement, params=None)

    def free(_apps: Any, schema_editor: Any) -> None:
        for statement in freeing(table, schema_editor.connection.vendor):
            schema_editor.execute(statement, params=None)

    return RunPython(protect, free)


def protecting(table: str, same: str, vendor: str) -> tuple[str, ...]:
    """Return the statements that install the triggers."""
    if vendor == "postgresql":
        return (
            "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()",
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        )
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}",
        # INSERT OR REPLACE takes a row away without asking the trigger against deletion.
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) {refuse}",
    )


def freeing(table: str, vendor: str) -> tuple[str, ...]:
    """Return the statements that take them off."""
    if vendor == "postgresql":
        return tuple(
            f"DROP TRIGGER IF EXISTS {table}_no_{what} ON {table}" for what in ("change", "truncate")
        )
    return tuple(f"DROP TRIGGER IF EXISTS {table}_no_{what}" for what in ("update", "delete", "replace"))
