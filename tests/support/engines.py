"""minidb and real ClickHouse (the package chdb) side by side: one text, two answers."""

from __future__ import annotations

import pytest

pytest.importorskip("chdb")

from tools.oracle.answers import Answer, compare
from tools.oracle.engines import Engines

__all__ = ["Answer", "Engines", "compare"]
