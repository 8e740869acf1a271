"""The seed's families at tiny widths, plain and pruned, as SQL scripts: PyTorch's logits."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from nn_ops.digits import load_digits
from nn_ops.families import build
from nn_ops.model_file import load_shipped_model
from tests.support.sample_networks import pruned, random_pixels
from tests.support.sql_forms import FORMS, run_dl2sql

pytest.importorskip("torch")
pytestmark = pytest.mark.torch

TOLERANCE = 1e-9
N_IMAGES = 20
PRUNED_SHARE = 0.4
TINY = {
    "mnist": {"image": 32, "widths": (3, 4, 6, 8)},
    "cnn3": {"image": 32, "widths": (3, 4, 6, 8)},
    "alexnet": {"image": 64, "classes": 10, "widths": (3, 4, 5, 4, 4, 9, 8)},
    "vgg": {"image": 32, "widths": (3, 3, 4, 4, 5, 5, 9, 8)},
    "resnet_cifar": {"image": 32, "depth": 8, "widths": (3, 4, 5)},
    "resnet_imagenet": {"image": 32, "classes": 10, "depth": 18, "widths": (2, 3, 3, 4)},
}
NIGHTLY = {
    "alexnet": {"image": 63, "classes": 7, "widths": (20, 70, 66, 40, 30, 80, 70)},
    "vgg": {"image": 32, "widths": (20, 24, 40, 70, 33, 65, 80, 70)},
    "resnet_cifar": {"image": 32, "depth": 20, "widths": (16, 22, 66)},
    "resnet_imagenet": {"image": 64, "classes": 10, "depth": 50, "widths": (4, 5, 6, 7)},
}


def pytorch_outputs(network, pixels):
    """What PyTorch gives at every node, one row per image."""
    from tests.support.torch_graph import run_graph

    shape = network.image.shape
    images = pixels.reshape(-1, shape.height, shape.width, shape.channels)
    outputs = run_graph(network, images)
    return {name: out.reshape(len(pixels), -1) for name, out in outputs.items()}


@cache
def sample(family, is_pruned, is_large):
    """A network, its images and PyTorch's logits."""
    network = build(family, **(NIGHTLY if is_large else TINY)[family])
    if is_pruned:
        network = pruned(network, PRUNED_SHARE)
    pixels = random_pixels(network, N_IMAGES)
    return network, pixels, pytorch_outputs(network, pixels)[network.nodes[-1].name]


def check(found, logits):
    classes, values = found.answers()
    found.connection.close()
    assert np.abs(values - logits).max() <= TOLERANCE
    assert classes == values.argmax(axis=1).tolist()


def cases():
    """Every family, plain and pruned, in both forms; the slowest of them at night."""
    for form in FORMS:
        for family in TINY:
            for is_pruned in (False, True):
                is_slow = is_pruned and form == "dl2sql" and family in NIGHTLY
                marks = [pytest.mark.nightly] if is_slow else []
                yield pytest.param(form, family, is_pruned, False, marks=marks)
        for family in NIGHTLY:
            for is_pruned in (False, True):
                yield pytest.param(form, family, is_pruned, True, marks=pytest.mark.nightly)


@pytest.mark.parametrize(("form", "family", "is_pruned", "is_large"), list(cases()))
def test_logits_of_a_family_equal_pytorch(form, family, is_pruned, is_large):
    network, pixels, logits = sample(family, is_pruned, is_large)
    check(FORMS[form](network, pixels), logits)


@pytest.mark.parametrize("n_digits", [50, pytest.param(1797, marks=pytest.mark.nightly)])
def test_digits_in_the_dl2sql_form_equal_pytorch(n_digits):
    network, pixels = load_shipped_model(), load_digits().pixels[-n_digits:]
    logits = pytorch_outputs(network, pixels)[network.nodes[-1].name]
    check(run_dl2sql(network, pixels), logits)
