"""The rules, one per file, named by what they do; the order in which they run is here."""

from __future__ import annotations

from minidb.optimizer.rule import Rule
from minidb.optimizer.rules.bound_scans import BOUND_SCANS
from minidb.optimizer.rules.fold_constants import FOLD_CONSTANTS
from minidb.optimizer.rules.limit_sort import LIMIT_SORT
from minidb.optimizer.rules.merge_projects import MERGE_PROJECTS
from minidb.optimizer.rules.order_joins import ORDER_JOINS
from minidb.optimizer.rules.prune_columns import PRUNE_COLUMNS
from minidb.optimizer.rules.push_filters import PUSH_FILTERS

# Constants first, since later rules look for them; joins when it is known how many rows their
# filters leave, and before the projections that restore their columns are merged; ranges after filters have reached their scans;
# columns last, when it is known what is still read.
BUILTIN_RULES: tuple[Rule, ...] = (
    FOLD_CONSTANTS,
    PUSH_FILTERS,
    ORDER_JOINS,
    MERGE_PROJECTS,
    LIMIT_SORT,
    BOUND_SCANS,
    PRUNE_COLUMNS,
)
