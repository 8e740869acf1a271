"""Losses: values by hand, gradients against finite differences."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from quant.errors import QUANT_BAD_OPTION, QUANT_UNKNOWN_NAME, ExtensionError  # noqa: E402 - after the check
from quant.losses import LOSSES, HingeLoss, SquaredHingeLoss, make_loss  # noqa: E402 - after the check

pytestmark = pytest.mark.torch


def test_the_hinge_losses_by_hand() -> None:
    logits = torch.tensor([[0.5, -2.0], [2.0, 0.25]])
    labels = torch.tensor([0, 1])
    short = [0.5, 0.0, 3.0, 0.75]
    assert HingeLoss()(logits, labels).item() == pytest.approx(sum(short) / 4)
    squares = sum(value * value for value in short) / 4
    assert SquaredHingeLoss()(logits, labels).item() == pytest.approx(squares)
    signed = torch.tensor([[1, -1], [-1, 1]])
    assert HingeLoss()(logits, signed) == HingeLoss()(logits, labels)


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_gradients_equal_finite_differences(name: str) -> None:
    loss, draw = make_loss(name), torch.Generator().manual_seed(1)
    for _ in range(100):
        n, classes = torch.randint(2, 7, (2,), generator=draw).tolist()
        logits = torch.randn(n, classes, generator=draw, dtype=torch.float64) * 2
        logits.requires_grad_()
        labels = torch.randint(classes, (n,), generator=draw)
        loss(logits, labels).backward()
        direction = torch.randn(n, classes, generator=draw, dtype=torch.float64)
        with torch.no_grad():
            above, below = (loss(logits + step * direction, labels) for step in (1e-6, -1e-6))
        slope = ((above - below) / 2e-6).item()
        assert (logits.grad * direction).sum().item() == pytest.approx(slope, abs=1e-6)


def test_an_unknown_loss_names_the_nearest() -> None:
    with pytest.raises(ExtensionError) as caught:
        make_loss("squared_hing")
    assert caught.value.code == QUANT_UNKNOWN_NAME
    assert "squared_hinge" in str(caught.value.hint)


def test_targets_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ExtensionError) as caught:
        HingeLoss()(torch.zeros(2, 3), torch.zeros(4, dtype=torch.int64))
    assert caught.value.code == QUANT_BAD_OPTION
