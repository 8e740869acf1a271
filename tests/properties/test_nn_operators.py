"""Every operator three times: plain loops, the kernel and PyTorch find the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from bitarray import bitarray
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from nn_ops import binary_conv, first_layer, pooling, reshape, residual  # noqa: E402 - torch first
from nn_ops.conventions import pack_signs, unpack_bits, unpack_signs  # noqa: E402 - torch first
from nn_ops.errors import NN_SIGN_OF_ZERO, ExtensionError  # noqa: E402 - torch first
from nn_ops.geometry import ImageShape, Window  # noqa: E402 - torch first
from nn_ops.graph import AveragePool, BatchNorm, Conv, Hardtanh, MaxPool, Relu, Sign  # noqa: E402 - torch first
from nn_ops.limits import Limits, fold  # noqa: E402 - torch first
from nn_ops.program import Product, SignProductStage  # noqa: E402 - torch first
from nn_ops.reference import fold as plain_fold  # noqa: E402 - torch first
from nn_ops.reference import reals, signs, words  # noqa: E402 - torch first
from tests.strategies import layers  # noqa: E402 - torch first
from tests.support.torch_graph import run_node  # noqa: E402 - torch first

pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("single_thread")]


@pytest.fixture(scope="module")
def single_thread() -> Iterator[None]:
    """Give PyTorch one thread: two that share a busy machine wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


TOLERANCE = 1e-9
"""Of reals: PyTorch may add in another order, and fuse a product with the sum that follows."""


def random_signs(data: st.DataObject, shape: ImageShape, most: int = 3) -> np.ndarray:
    """Return none to a few images of signs."""
    size = (data.draw(st.integers(0, most)), shape.height, shape.width, shape.channels)
    return np.where(data.draw(layers.generators()).random(size) < 0.5, 1, -1)


def rows_of_bits(packed: np.ndarray, channels: int) -> list[bitarray]:
    """Return packed images as the reference has them."""
    bits = unpack_bits(packed, channels)
    return [bitarray(image.ravel().tolist()) for image in bits]


def plain_weights(product: Product) -> tuple[list[bitarray], list[bitarray] | None]:
    """Return a product's filters and masks as the reference has them."""
    fan_in = product.window.taps * product.input.channels // product.groups
    mask = product.weights.mask
    return (
        words.unpack(product.weights.words, fan_in),
        None if mask is None else words.unpack(mask, fan_in),
    )


def node_of(product: Product, bias: np.ndarray | None = None) -> Conv:
    """Return the graph's node of a product."""
    return Conv(
        "conv",
        "before",
        product.window,
        product.output.channels,
        product.weights,
        bias,
        product.groups,
        product.padding_value,
    )


@given(st.data())
def test_patches_and_their_inverse(data: st.DataObject) -> None:
    product = data.draw(layers.products(most_channels=70))
    shape, window, groups = product.input, product.window, product.groups
    images = pack_signs(random_signs(data, shape))
    patches = reshape.im2col(images, shape, window, groups)
    fan_in = window.taps * shape.channels // groups
    covered = {cell for cells in signs.positions_of(window, shape) for cell in cells} - {None}
    for row, image in enumerate(rows_of_bits(images, shape.channels)):
        plain = signs.im2col(image, shape, window, groups)
        for group in range(groups):
            assert words.unpack(patches[group, row], fan_in) == plain[group]
        if len(covered) == shape.cells:
            assert signs.recover(plain, shape, window, groups) == image


@given(st.data())
def test_sums_of_a_convolution(data: st.DataObject) -> None:
    product = data.draw(layers.products())
    images = random_signs(data, product.input)
    packed = pack_signs(images)
    base = product.terms.base[product.classes.of_position]
    found = base - 2 * binary_conv.distances(packed, product)
    by_torch = run_node(node_of(product), images)
    assert np.array_equal(found, by_torch.reshape(found.shape))
    filters, masks = plain_weights(product)
    for row, image in enumerate(rows_of_bits(packed, product.input.channels)):
        plain = signs.conv(
            image,
            product.input,
            product.window,
            filters,
            masks,
            product.groups,
            product.padding_value,
        )
        assert found[row].ravel().tolist() == plain


def limits_of(product: Product, bias, chain, zero: int) -> Limits | None:
    """Return the limits, or None where they are refused."""
    try:
        return fold(product.terms, bias, chain, zero)
    except ExtensionError as error:
        if error.code != NN_SIGN_OF_ZERO:
            raise
        return None


@given(st.data())
def test_signs_of_a_folded_stage(data: st.DataObject) -> None:
    product = data.draw(layers.products())
    filters = product.output.channels
    bias, chain = data.draw(layers.biases(filters)), data.draw(layers.chains(filters))
    zero = data.draw(st.integers(0, 1))
    limits = limits_of(product, bias, chain, zero)
    if limits is None:  # a bias of no short binary fraction gives no zero
        bias, chain = np.full(filters, 0.3), ()
        limits = fold(product.terms, bias, chain, zero)
    pool = data.draw(st.none() | layers.pools(product.output))
    output = product.output
    if pool is not None:
        output = ImageShape(*pool.output_size(output.height, output.width), filters)
    stage = SignProductStage(
        name="sign",
        inputs=("pixels",),
        output=output,
        kind="signs",
        nodes=("conv", "sign"),
        product=product,
        limits=limits,
        pool=pool,
    )
    images = random_signs(data, product.input)
    found = unpack_signs(binary_conv.sign_conv(pack_signs(images), stage), filters)
    steps = list(chain)
    if pool is not None:
        falls = [isinstance(step, BatchNorm) and bool((step.scale < 0).any()) for step in chain]
        last = falls.index(True) if any(falls) else len(chain)
        steps.insert(data.draw(st.integers(0, last)), MaxPool("pool", "before", pool))
    answer = run_node(node_of(product, bias), images)
    for step in [*steps, Sign("sign", "before", zero)]:
        answer = run_node(step, answer)
    assert np.array_equal(found, answer)


@given(st.data())
def test_limits_from_trying_every_sum(data: st.DataObject) -> None:
    filters = 3
    terms = data.draw(layers.terms(filters))
    bias, chain = data.draw(layers.biases(filters)), data.draw(layers.chains(filters))
    zero = data.draw(st.integers(0, 1))
    bias = np.zeros(filters) if bias is None else bias
    plain = [
        plain_fold.fold(
            *map(int, (terms.count[at], terms.base[at])), at[1], bias[at[1]], chain, zero
        )
        for at in np.ndindex(terms.count.shape)
    ]
    try:
        limits = fold(terms, bias, chain, zero)
    except ExtensionError:
        return
    assert None not in plain
    for at, (limit, polarity) in zip(np.ndindex(terms.count.shape), plain, strict=True):
        count, base = int(terms.count[at]), int(terms.base[at])
        distances = [(base - total) // 2 for total in range(-count, count + 1, 2)]
        own = int(limits.limit[at]), int(limits.polarity[at[1]])
        assert signs.decide(distances, [own[0]], [own[1]]) == signs.decide(
            distances, [limit], [polarity]
        )


@given(st.data())
def test_sums_of_a_first_layer(data: st.DataObject) -> None:
    stage = data.draw(layers.real_product_stages())
    product, normalize = stage.product, stage.normalize
    shape = product.input
    size = (data.draw(st.integers(0, 2)), shape.height, shape.width, shape.channels)
    pixels = data.draw(layers.generators()).integers(0, 256, size).astype(np.uint8)
    found = first_layer.real_product(pixels, stage)
    assert normalize is not None
    inputs = run_node(normalize, pixels, max_pixel=stage.max_pixel)
    by_torch = run_node(node_of(product, stage.bias), inputs)
    assert found.shape == by_torch.shape
    assert np.allclose(found, by_torch, rtol=TOLERANCE, atol=TOLERANCE)
    filters, masks = plain_weights(product)
    for row, image in enumerate(pixels):
        values = reals.normalize(
            image.ravel().tolist(), stage.max_pixel, normalize.mean, normalize.std
        )
        sums = reals.conv(values, shape, product.window, filters, masks, product.groups)
        plain = reals.add_bias(sums, stage.bias.tolist())
        assert np.allclose(found[row].ravel(), plain, rtol=TOLERANCE, atol=TOLERANCE)


@given(st.data())
def test_sums_of_a_layer_over_reals(data: st.DataObject) -> None:
    stage = replace(data.draw(layers.real_product_stages()), normalize=None)
    product, shape = stage.product, stage.product.input
    size = (data.draw(st.integers(0, 2)), shape.height, shape.width, shape.channels)
    images = np.maximum(data.draw(layers.generators()).uniform(-1, 1, size), 0)
    found = first_layer.real_product(images, stage)
    by_torch = run_node(node_of(product, stage.bias), images)
    assert np.allclose(found, by_torch, rtol=TOLERANCE, atol=TOLERANCE)


@given(st.data())
def test_pools(data: st.DataObject) -> None:
    shape = data.draw(layers.image_shapes())
    window = data.draw(layers.pools(shape))
    images = random_signs(data, shape)
    packed = pack_signs(images)
    by_torch = run_node(MaxPool("p", "b", window), images)
    found = pooling.max_pool_signs(packed, window, shape)
    assert np.array_equal(unpack_signs(found, shape.channels), by_torch)
    noisy = images * data.draw(layers.generators()).uniform(0, 1, images.shape)
    by_torch = run_node(MaxPool("p", "b", window), noisy)
    greatest = pooling.max_pool_reals(noisy, window, shape)
    assert np.array_equal(greatest, by_torch)
    polarity = data.draw(layers.generators()).choice([-1, 1], shape.channels)
    decided = pooling.pool_decided(packed, window, shape, polarity)
    for row, image in enumerate(rows_of_bits(packed, shape.channels)):
        assert rows_of_bits(found, shape.channels)[row] == signs.pool(image, shape, window)
        plain = signs.pool(image, shape, window, polarity.tolist())
        assert rows_of_bits(decided, shape.channels)[row] == plain
        assert greatest[row].ravel().tolist() == reals.max_pool(
            noisy[row].ravel().tolist(), shape, window
        )


@given(st.data())
def test_average_pools(data: st.DataObject) -> None:
    shape = data.draw(layers.image_shapes())
    kernel = data.draw(st.tuples(st.integers(1, shape.height), st.integers(1, shape.width)))
    window = Window(kernel, data.draw(st.tuples(st.integers(1, 3), st.integers(1, 3))))
    images = random_signs(data, shape)
    packed = pack_signs(images)
    node = AveragePool("p", "b", window)
    found = pooling.average_pool_signs(packed, window, shape)
    assert np.array_equal(found, run_node(node, images))
    noisy = images * data.draw(layers.generators()).uniform(0, 1, images.shape)
    means = pooling.average_pool(noisy, window, shape)
    by_torch = run_node(node, noisy)
    assert np.allclose(means, by_torch, rtol=TOLERANCE, atol=TOLERANCE)
    for row, image in enumerate(rows_of_bits(packed, shape.channels)):
        assert found[row].ravel().tolist() == signs.average_pool(image, shape, window)
        plain = reals.average_pool(noisy[row].ravel().tolist(), shape, window)
        assert means[row].ravel().tolist() == plain


@given(st.data())
def test_columns_of_reals(data: st.DataObject) -> None:
    channels = data.draw(st.integers(1, 70))
    generator = data.draw(layers.generators())
    images = generator.uniform(-2, 2, (2, 2, 1, channels))
    zeros = images * 0
    norm: BatchNorm = data.draw(layers.batch_norms(channels))
    kernels = [
        (norm, images, residual.affine(images, norm.scale, norm.offset)),
        (Hardtanh("h", "b"), images, residual.clamp(images, -1.0, 1.0)),
        (Relu("r", "b"), images, residual.clamp(images, 0.0, None)),
        (Sign("s", "b"), images, unpack_signs(residual.signs_of(images, 0), channels)),
        (Sign("s", "b", 1), zeros, unpack_signs(residual.signs_of(zeros, 1), channels)),
    ]
    flat = images[0].ravel().tolist()
    plain = [
        reals.batch_norm(flat, norm.scale.tolist(), norm.offset.tolist()),
        reals.hardtanh(flat),
        reals.relu(flat),
        [1 if bit else -1 for bit in reals.signs_of(flat, 0)],
        [1] * len(flat),
    ]
    for (node, before, found), expected in zip(kernels, plain, strict=True):
        by_torch = run_node(node, before)
        assert np.allclose(found, by_torch, rtol=TOLERANCE, atol=TOLERANCE)
        assert found[0].ravel().tolist() == expected
    assert residual.add(images, images)[0].ravel().tolist() == reals.add(flat, flat)


@given(st.data())
def test_answers(data: st.DataObject) -> None:
    generator = data.draw(layers.generators())
    logits = generator.integers(-3, 4, (4, data.draw(st.integers(1, 9)))) * 1.5
    found = residual.log_softmax(logits)
    assert np.allclose(found, torch.log_softmax(torch.from_numpy(logits), 1).numpy(), atol=1e-12)
    for row, values in enumerate(logits.tolist()):
        assert np.allclose(found[row], reals.log_softmax(values), atol=1e-12)
        assert residual.argmax(logits)[row] == reals.argmax(values) == values.index(max(values))
