"""Typed session settings: name, type, default and help, declared as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from minidb.errors import BAD_ARGUMENTS, UNKNOWN_SETTING, BindError, did_you_mean
from minidb.record import record, state
from minidb.source import Span

SettingValue = int | float | str | bool


@record
class SettingSpec:
    """One setting: its name, default (whose type is the setting's type) and meaning.

    `choices` lists the legal values of a text setting; `minimum` bounds a number.
    """

    name: str
    default: SettingValue
    help: str
    minimum: int | None = None
    choices: tuple[str, ...] = ()

    @property
    def type_name(self) -> str:
        """Return ClickHouse's name of the setting's type."""
        match self.default:
            case bool():
                return "Bool"
            case int():
                return "UInt64"
            case float():
                return "Float"
            case _:
                return "String"


FORMAT_SETTINGS: tuple[SettingSpec, ...] = (
    SettingSpec(
        "output_format_json_quote_64bit_integers",
        False,
        "JSON: integers of 64 bits and more in quotes",
    ),
    SettingSpec("output_format_json_quote_64bit_floats", False, "JSON: Float64 in quotes"),
    SettingSpec("output_format_json_quote_denormals", False, "JSON: nan and inf as text, not null"),
    SettingSpec("output_format_json_escape_forward_slashes", True, r"JSON: / as \/"),
    SettingSpec(
        "output_format_json_named_tuples_as_objects", True, "JSON: tuples with names as objects"
    ),
    SettingSpec("output_format_json_array_of_rows", False, "JSONEachRow: one list of all rows"),
    SettingSpec("output_format_write_statistics", True, "JSON: elapsed time, rows and bytes read"),
    SettingSpec("format_csv_delimiter", ",", "CSV: the byte between values"),
    SettingSpec("format_csv_null_representation", r"\N", "CSV: what stands for NULL"),
    SettingSpec("output_format_csv_crlf_end_of_line", False, "CSV: lines end with CR LF"),
    SettingSpec("format_tsv_null_representation", r"\N", "TabSeparated: what stands for NULL"),
    SettingSpec("output_format_tsv_crlf_end_of_line", False, "TabSeparated: lines end with CR LF"),
    SettingSpec("output_format_pretty_max_rows", 1000, "rows that Pretty and Vertical show", 0),
    SettingSpec("output_format_pretty_row_numbers", True, "Pretty: the number before each row"),
    SettingSpec(
        "output_format_markdown_escape_special_characters", False, "Markdown: * as \\*, and others"
    ),
)

BUILTIN_SETTINGS: tuple[SettingSpec, ...] = (
    SettingSpec("max_block_size", 65_536, "rows in one batch between operators", minimum=1),
    SettingSpec(
        "max_memory_usage", 0, "bytes one statement may hold at once; 0 means no limit", minimum=0
    ),
    SettingSpec("max_threads", 1, "accepted for ClickHouse's sake; answers never depend on it", 0),
    SettingSpec("max_execution_time", 0, "seconds a statement may run; 0 means no limit", 0),
    SettingSpec("disabled_rules", "", "optimizer rules to leave out, separated by commas"),
    SettingSpec(
        "aggregation_buffer_bytes",
        268_435_456,
        "bytes of input GROUP BY collects before it folds them into its groups",
        minimum=1,
    ),
    SettingSpec(
        "data_type_default_nullable", False, "columns of CREATE TABLE may hold NULL unless NOT NULL"
    ),
    SettingSpec(
        "join_use_nulls", False, "fill the side of a join that has no row with NULL, not defaults"
    ),
    *(
        SettingSpec(
            f"{operator.lower()}_default_mode",
            default,
            f"what {operator} means without ALL or DISTINCT; empty makes it an error",
            choices=("", "ALL", "DISTINCT"),
        )
        for operator, default in (("UNION", ""), ("INTERSECT", "ALL"), ("EXCEPT", "ALL"))
    ),
    SettingSpec(
        "max_recursive_cte_evaluation_depth", 1000, "turns that WITH RECURSIVE may take", minimum=0
    ),
    SettingSpec("group_by_use_nulls", False, "keys outside their grouping set are NULL"),
    SettingSpec(
        "force_grouping_standard_compatibility", True, "grouping() is 1 for keys outside the set"
    ),
    SettingSpec(
        "aggregate_functions_null_for_empty", False, "aggregates of no rows are NULL, as -OrNull"
    ),
    SettingSpec("cast_keep_nullable", False, "CAST of a Nullable value gives a Nullable type"),
    SettingSpec(
        "prefer_column_name_to_alias", False, "a name means the column rather than the alias"
    ),
    SettingSpec(
        "allow_create_index_without_type", False, "CREATE INDEX without TYPE is taken and ignored"
    ),
    SettingSpec("create_index_ignore_unique", False, "UNIQUE of CREATE INDEX is left out"),
    SettingSpec(
        "allow_suspicious_indices", False, "accepted for ClickHouse's sake: indexes have no effect"
    ),
    SettingSpec(
        "mutations_sync", 2, "accepted for ClickHouse's sake: UPDATE and DELETE always wait", 0
    ),
    SettingSpec(
        "lightweight_deletes_sync", 2, "accepted for ClickHouse's sake: DELETE always waits", 0
    ),
    SettingSpec("alter_sync", 1, "accepted for ClickHouse's sake: ALTER always waits", 0),
    *FORMAT_SETTINGS,
    SettingSpec("index_granularity", 8_192, "rows under one min/max entry of a new part", 1),
)


@state
class Settings:
    """The settings of one session: the declared ones and the values set over their defaults."""

    specs: dict[str, SettingSpec]
    values: dict[str, SettingValue] = field(default_factory=dict)

    def __getitem__(self, name: str) -> SettingValue:
        return self.values.get(name, self.specs[name].default)

    def integer(self, name: str) -> int:
        """Return the value of a whole-number setting."""
        return int(self[name])

    def flag(self, name: str) -> bool:
        """Return the value of a setting that is on or off."""
        return bool(self[name])

    def text(self, name: str) -> str:
        """Return the value of a text setting."""
        return str(self[name])

    def set(self, name: str, value: object, span: Span | None = None) -> None:
        """Set one value.

        Raises
        ------
        BindError
            UNKNOWN_SETTING for a name that is not declared, BAD_ARGUMENTS for a value
            that its type, minimum or choices refuse.
        """
        spec = self.specs.get(name)
        if spec is None:
            hint = did_you_mean(name, self.specs)
            raise BindError(UNKNOWN_SETTING, f"no setting {name!r}", span=span, hint=hint)
        self.values[name] = _checked(spec, value, span)

    def with_changes(self, changes: Mapping[str, object]) -> Settings:
        """Return a copy with `changes` applied, for one statement's SETTINGS clause."""
        copy = Settings(self.specs, dict(self.values))
        for name, value in changes.items():
            copy.set(name, value)
        return copy

    def __iter__(self) -> Iterator[SettingSpec]:
        return iter(sorted(self.specs.values(), key=lambda spec: spec.name))


def _checked(spec: SettingSpec, value: object, span: Span | None) -> SettingValue:
    """Convert `value` to the type of `spec`, or refuse it."""
    result: SettingValue | None = None
    try:
        match spec.default:
            case bool():
                result = {"0": False, "1": True, "false": False, "true": True}[str(value).lower()]
            case int():
                result = _whole_number(str(value))
            case float():
                result = float(str(value))
            case _:
                result = str(value)
    except (KeyError, ValueError):
        result = None
    refused = (
        result is None
        or (spec.minimum is not None and isinstance(result, int) and result < spec.minimum)
        or (bool(spec.choices) and result not in spec.choices)
    )
    if refused or result is None:
        wanted = " or ".join(map(repr, spec.choices)) or spec.type_name
        if spec.minimum is not None:
            wanted += f" of at least {spec.minimum}"
        message = f"setting {spec.name!r} takes {wanted}, not {value!r}"
        raise BindError(BAD_ARGUMENTS, message, span=span)
    return result


def _whole_number(text: str) -> int:
    """Return a number such as ``5000000000``, ``5G`` (powers of 1000) or ``5Gi`` (of 1024)."""
    unit = text.lstrip("+-0123456789")
    if not unit:
        return int(text)
    base = 1024 if unit.endswith("i") else 1000
    power = {"K": 1, "M": 2, "G": 3, "T": 4}[unit.removesuffix("i")]
    factor: int = base**power
    return int(text.removesuffix(unit)) * factor


def default_settings(extra: tuple[SettingSpec, ...] = ()) -> Settings:
    """Return a session's settings: the built-in ones and those of extensions."""
    return Settings({spec.name: spec for spec in (*BUILTIN_SETTINGS, *extra)})
