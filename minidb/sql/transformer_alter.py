"""Builds the nodes of ALTER TABLE; every method is a rule or alias of grammar.lark."""

from __future__ import annotations

from minidb.source import Span
from minidb.sql.ast_base import ObjectName
from minidb.sql.ast_statements import (
    AddColumn,
    AddIndex,
    Alter,
    ColumnDefinition,
    CommentTable,
    DropColumn,
    DropIndex,
    ModifyColumn,
    ModifySetting,
    RenameColumn,
)
from minidb.sql.literals import read_name, read_text
from minidb.sql.transformer_expr import Children, span_of, token_span


class AlterTransformer:
    """The methods for ALTER TABLE."""

    def alter(self, c: Children) -> Alter:
        """``ALTER TABLE table alteration, ...``."""
        return Alter(c[2], tuple(c[3]), span=Span(c[0].start_pos, c[3][-1].span.end))

    def column_place(self, c: Children) -> tuple[bool, str | None]:
        """``FIRST`` or ``AFTER name``."""
        if not c:
            return False, None
        return c[0].type == "FIRST", read_name(c[1].value) if len(c) == 2 else None

    def add_column(self, c: Children) -> AddColumn:
        """``ADD COLUMN``."""
        is_first, after = c[4]
        span = Span(c[0].start_pos, c[3].span.end)
        return AddColumn(c[3], c[2], is_first, after, span=span)

    def drop_column(self, c: Children) -> DropColumn:
        """``DROP COLUMN``."""
        return DropColumn(read_name(c[3].value), c[2], span=span_of(c))

    def clear_column(self, c: Children) -> DropColumn:
        """``CLEAR COLUMN``."""
        return DropColumn(read_name(c[3].value), c[2], is_clear=True, span=span_of(c))

    def rename_column(self, c: Children) -> RenameColumn:
        """``RENAME COLUMN``."""
        return RenameColumn(read_name(c[3].value), read_name(c[5].value), c[2], span=span_of(c))

    def modify_column(self, c: Children) -> ModifyColumn:
        """``MODIFY COLUMN``."""
        is_first, after = c[4]
        span = Span(c[0].start_pos, c[3].span.end)
        return ModifyColumn(c[3], c[2], None, is_first, after, span=span)

    def remove_property(self, c: Children) -> ModifyColumn:
        """``MODIFY COLUMN name REMOVE DEFAULT``."""
        column = ColumnDefinition(read_name(c[3].value), None, span=token_span(c[3]))
        return ModifyColumn(column, c[2], read_name(c[5].value).upper(), span=span_of(c))

    def alter_column_type(self, c: Children) -> ModifyColumn:
        """``ALTER COLUMN name TYPE type``."""
        column = ColumnDefinition(read_name(c[3].value), c[5], span=c[5].span)
        return ModifyColumn(column, c[2], span=span_of(c))

    def comment_column(self, c: Children) -> ModifyColumn:
        """``COMMENT COLUMN name 'text'``."""
        name, comment = read_name(c[3].value), read_text(c[4].value)
        column = ColumnDefinition(name, None, comment=comment, span=token_span(c[3]))
        return ModifyColumn(column, c[2], span=span_of(c))

    def modify_comment(self, c: Children) -> CommentTable:
        """``MODIFY COMMENT 'text'``."""
        return CommentTable(read_text(c[2].value), span=span_of(c))

    def add_index(self, c: Children) -> AddIndex:
        """``ADD INDEX``."""
        return AddIndex(c[1], span=span_of(c))

    def drop_index_of_table(self, c: Children) -> DropIndex:
        """``DROP INDEX name``."""
        name = ObjectName(read_name(c[3].value), span=token_span(c[3]))
        return DropIndex(name, c[2], span=span_of(c))

    def modify_setting(self, c: Children) -> ModifySetting:
        """``MODIFY SETTING name = value``."""
        return ModifySetting(tuple(c[2]), span=Span(c[0].start_pos, c[2][-1].span.end))
