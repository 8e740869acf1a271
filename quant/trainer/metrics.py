"""Loss and errors of a pass over images, summed batch by batch."""

from __future__ import annotations

from dataclasses import astuple, dataclass

from torch import Tensor

N_TOP = 5


@dataclass(slots=True)
class Sums:
    """What a pass has seen so far.

    Attributes
    ----------
    n_images : int
    loss : float
        Summed over images.
    n_right, n_among : int
        Images whose class was the greatest logit, and among the five greatest.
    """

    n_images: int = 0
    loss: float = 0.0
    n_right: int = 0
    n_among: int = 0

    def add(self, loss: float, logits: Tensor, labels: Tensor) -> None:
        """Add a batch: its mean loss, logits (n, classes) and labels (n,)."""
        top = logits.detach().topk(min(N_TOP, logits.shape[1]), dim=1).indices
        right = top == labels[:, None]
        self.n_images += len(labels)
        self.loss += loss * len(labels)
        self.n_right += int(right[:, 0].sum())
        self.n_among += int(right.sum())

    @property
    def mean_loss(self) -> float:
        """Mean over the images."""
        return self.loss / max(self.n_images, 1)

    @property
    def error1(self) -> float:
        """Percent of the images whose class was not the greatest logit."""
        return 100.0 - 100.0 * self.n_right / max(self.n_images, 1)

    @property
    def error5(self) -> float:
        """Percent of the images whose class was not among the five greatest logits."""
        return 100.0 - 100.0 * self.n_among / max(self.n_images, 1)

    def as_list(self) -> list[float]:
        """Return the four numbers, for a checkpoint."""
        return list(astuple(self))


@dataclass(frozen=True, slots=True)
class Row:
    """One epoch of ``results.csv``; errors in percent."""

    epoch: int
    train_loss: float
    val_loss: float
    train_error1: float
    val_error1: float
    train_error5: float
    val_error5: float


def row_of(epoch: int, training: Sums, validation: Sums) -> Row:
    """Return the row of an epoch."""
    return Row(
        epoch,
        training.mean_loss,
        validation.mean_loss,
        training.error1,
        validation.error1,
        training.error5,
        validation.error5,
    )
