"""One thread for all: two threads that wait for a busy machine's second core are slower than one."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="session")
def single_thread() -> None:
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
