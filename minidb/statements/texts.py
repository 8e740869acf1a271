"""The statements that make what the catalog holds: what SHOW CREATE and system.tables show."""

from __future__ import annotations

from minidb.catalog.view import ViewDef
from minidb.sql.format import format_name
from minidb.sql.literals import write_text
from minidb.storage.definition import DEFAULT_KIND, MERGE_TREE_ENGINE, ColumnDef, TableDef


def create_statement(definition: TableDef) -> str:
    """Return CREATE TABLE for a definition, which makes an equal one."""
    items = [_column_text(column) for column in definition.columns]
    items += [
        f"INDEX {format_name(index.name)} {index.expr_sql} TYPE {index.type_sql}"
        f" GRANULARITY {index.granularity}"
        for index in definition.indexes
    ]
    inner = ",\n".join(f"    {item}" for item in items)
    is_temporary = not definition.database
    name = format_name(definition.name)
    if not is_temporary:
        name = f"{format_name(definition.database)}.{name}"
    kind = "TEMPORARY TABLE" if is_temporary else "TABLE"
    text = f"CREATE {kind} {name}\n(\n{inner}\n)\nENGINE = {definition.engine}"
    if definition.engine == MERGE_TREE_ENGINE:
        if definition.primary_key and definition.primary_key != definition.order_by:
            text += f"\nPRIMARY KEY ({', '.join(map(format_name, definition.primary_key))})"
        keys = ", ".join(map(format_name, definition.order_by))
        text += f"\nORDER BY ({keys})" if keys else "\nORDER BY tuple()"
    elif definition.order_by:
        text += f"\nORDER BY ({', '.join(map(format_name, definition.order_by))})"
    if definition.settings:
        pairs = (f"{name} = {_setting_text(value)}" for name, value in definition.settings)
        text += f"\nSETTINGS {', '.join(pairs)}"
    if definition.comment:
        text += f"\nCOMMENT {write_text(definition.comment)}"
    return text


def _column_text(column: ColumnDef) -> str:
    """Return a column as CREATE TABLE has it."""
    parts = [format_name(column.name), column.type.name]
    kind, default = default_of(column)
    parts += [part for part in (kind, default) if part]
    if column.comment:
        parts.append(f"COMMENT {write_text(column.comment)}")
    return " ".join(parts)


def _setting_text(value: str) -> str:
    """Return a setting's value as a literal."""
    return value if value.isdecimal() else write_text(value)


def default_of(column: ColumnDef) -> tuple[str, str]:
    """Return the kind and the expression of a column's default, empty where it has none."""
    if column.default_sql is None and column.default_kind == DEFAULT_KIND:
        return "", ""
    return column.default_kind, column.default_sql or ""


def create_view_statement(view: ViewDef) -> str:
    """Return CREATE VIEW for a view, which makes an equal one in its home database."""
    names = f" ({', '.join(map(format_name, view.renamed))})" if view.renamed else ""
    name = f"{format_name(view.database)}.{format_name(view.name)}"
    return f"CREATE VIEW {name}{names}\nAS {view.query_sql}"
