"""Convolutions of signs on packed words equal PyTorch's, and plain NumPy's where it has none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nn_ops import binary_conv
from nn_ops.conventions import n_words, unpack_bits
from nn_ops.program import Product
from nn_ops.reshape import im2col, recover
from tests.strategies.products import Case, cases, stages
from tests.support.plain_products import pooled_by_numpy, sums_by_numpy, sums_of_kernel


@given(cases())
def test_sums_equal_those_of_unpacked_signs(case: Case):
    assert np.array_equal(sums_of_kernel(case), sums_by_numpy(case))


@pytest.mark.torch
@given(cases())
def test_sums_equal_torch(case: Case):
    torch = pytest.importorskip("torch")
    product = case.product
    window = product.window
    signs = torch.from_numpy(case.signs.astype(np.float64)).permute(0, 3, 1, 2)
    down, along = window.padding
    padded = torch.nn.functional.pad(
        signs, (along, along, down, down), value=float(product.padding_value)
    )
    found = torch.nn.functional.conv2d(
        padded,
        torch.from_numpy(case.weights.astype(np.float64)).permute(0, 3, 1, 2),
        stride=window.stride,
        dilation=window.dilation,
        groups=product.groups,
    )
    expected = found.permute(0, 2, 3, 1).numpy()
    sums = sums_of_kernel(case)
    assert np.array_equal(sums.reshape(expected.shape), expected)


@given(stages())
def test_signs_are_the_limits_applied_to_the_counts(drawn):
    case, stage = drawn
    product, limits = stage.product, stage.limits
    counts = (product.terms.base[product.classes.of_position] - sums_by_numpy(case)) // 2
    limit = limits.limit[product.classes.of_position]
    bits = np.where(limits.polarity > 0, counts <= limit, counts >= limit)
    bits = bits.reshape(len(bits), product.output.height, product.output.width, -1)
    if stage.pool is not None:
        bits = pooled_by_numpy(bits, stage.pool, limits.polarity)
    found = binary_conv.sign_conv(case.images, stage)
    assert np.array_equal(unpack_bits(found, product.output.channels), bits)


@given(cases())
def test_patches_hold_the_signs_under_the_window(case: Case):
    product = case.product
    window, shape = product.window, product.input
    per_group = shape.channels // product.groups
    patches = im2col(case.images, shape, window, product.groups)
    rows, columns = window.sources(shape.height, shape.width)
    padded = np.pad(case.signs == 1, ((0, 0), (9, 9), (9, 9), (0, 0)))
    cells = padded[:, (rows + 9)[:, None, :, None], (columns + 9)[None, :, None, :]]
    for group in range(product.groups):
        own = cells[..., group * per_group : (group + 1) * per_group]
        expected = own.reshape(len(padded), product.output.cells, -1)
        assert np.array_equal(unpack_bits(patches[group], expected.shape[-1]), expected)
        assert patches.shape[-1] == n_words(expected.shape[-1])


@given(cases())
def test_recover_is_the_inverse_where_patches_cover_the_image(case: Case):
    product = case.product
    shape, window = product.input, product.window
    rows, columns = window.sources(shape.height, shape.width)
    if set(range(shape.height)) <= set(rows.flat) and set(range(shape.width)) <= set(columns.flat):
        patches = im2col(case.images, shape, window, product.groups)
        assert np.array_equal(recover(patches, shape, window, product.groups), case.images)


@settings(max_examples=10)
@given(cases(n_images=64), st.sampled_from((1, 2, 64)))
def test_batches_and_threads_change_nothing(case: Case, at_once: int):
    product: Product = case.product
    whole = binary_conv.distances(case.images, product)
    parts = [case.images[start : start + at_once] for start in range(0, 64, at_once)]
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda part: binary_conv.distances(part, product), parts))
    assert np.array_equal(np.concatenate(found), whole)
