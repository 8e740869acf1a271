"""What every test shares: Hypothesis profiles, the options and the marks of the suite."""

from __future__ import annotations

import signal
from importlib.util import find_spec

import pytest
from hypothesis import HealthCheck, settings

DEFAULT_EXAMPLES = 60
NIGHTLY_EXAMPLES = 10 * DEFAULT_EXAMPLES

# Derandomized: a red run on one machine is red on every machine. The nightly run looks for new
# failures instead, so it draws new examples each time and prints how to repeat one.
settings.register_profile(
    "default",
    max_examples=DEFAULT_EXAMPLES,
    stateful_step_count=30,
    derandomize=True,
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "nightly",
    settings.get_profile("default"),
    max_examples=NIGHTLY_EXAMPLES,
    derandomize=False,
)
settings.load_profile("default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--require-torch",
        action="store_true",
        help="refuse to start without PyTorch, instead of skipping the tests that need it",
    )
    parser.addoption(
        "--bless",
        action="store_true",
        help="write the golden files anew from what the engine says now; read the difference",
    )


def has_torch() -> bool:
    return find_spec("torch") is not None


def has_gpu() -> bool:
    if not has_torch():
        return False
    import torch  # here, so that a run without the mark `gpu` never pays for the import

    return bool(torch.cuda.is_available())


def pytest_configure(config: pytest.Config) -> None:
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A job in the background ignores Ctrl-C, and so would every process that a test starts.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.getoption("--require-torch") and not has_torch():
        raise pytest.UsageError("--require-torch: PyTorch is not installed here")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    on_gpu = [item for item in items if item.get_closest_marker("gpu")]
    on_torch = [item for item in items if item.get_closest_marker("torch")]
    if on_gpu and not has_gpu():
        skip(on_gpu, "no CUDA device here")
    if on_torch and not has_torch():
        skip(on_torch, "PyTorch is not installed: pip install 'minidb-nn[torch]'")


def skip(items: list[pytest.Item], reason: str) -> None:
    for item in items:
        item.add_marker(pytest.mark.skip(reason=reason))
