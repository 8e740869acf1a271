"""The networks' SQL functions: on generated layers they give what plain loops and PyTorch give."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from bitarray import bitarray
from hypothesis import given, settings
from hypothesis import strategies as st

import minidb
from minidb.dbapi import Connection
from nn_ops.conventions import pack_bits, pack_signs, unpack_bits
from nn_ops.errors import NN_NOT_COVERED, NN_SIGN_OF_ZERO
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import AveragePool, BatchNorm, Conv, MaxPool, Normalize, Sign
from nn_ops.program import Product
from nn_ops.reference import reals, signs, words
from tests.strategies import layers

torch_graph = pytest.importorskip("tests.support.torch_graph", exc_type=ImportError)

FEW = settings(max_examples=settings().max_examples // 6)
"""Each example is several statements, with tensors as literals."""
TOLERANCE = 1e-9
"""Of reals: PyTorch may add in another order, and fuse a product with the sum that follows."""

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    with minidb.connect() as opened:
        yield opened


def column(connection: Connection, call: str, rows: np.ndarray, *constants: object) -> np.ndarray:
    """Return a function's answers for a column of arrays, with constants behind it."""
    marks = ", ".join(["x", *["?"] * len(constants)])
    sql = f"SELECT {call}({marks}) FROM (SELECT arrayJoin(?) AS x)"
    parameters = [*map(plain, constants), rows.reshape(len(rows), -1).tolist()]
    result = connection.execute(sql, parameters)
    dtype = np.uint64 if "UInt64" in result.types[0].name else None
    return np.array([row[0] for row in result], dtype)


def plain(value: object) -> object:
    """Return an argument as Python values."""
    return value.tolist() if isinstance(value, np.ndarray) else value


def geometry(window: Window, *, is_dilated: bool = True) -> list[tuple[int, int]]:
    """Return kernel, stride, padding and dilation in the order of the arguments."""
    found = [window.kernel, window.stride, window.padding]
    return [*found, window.dilation] if is_dilated else found


def sides(shape: ImageShape) -> list[int]:
    return [shape.height, shape.width, shape.channels]


def small_shapes() -> st.SearchStrategy[ImageShape]:
    return st.sampled_from([1, 3, 32, 64, 65]).flatmap(layers.image_shapes)


def random_signs(data: st.DataObject, shape: ImageShape) -> np.ndarray:
    """Return one or two images of signs."""
    size = (data.draw(st.integers(1, 2)), shape.height, shape.width, shape.channels)
    return np.where(data.draw(layers.generators()).random(size) < 0.5, 1, -1)


def layer_of(product: Product) -> list[object]:
    """Return weights and geometry in the order of the arguments."""
    masks = [] if product.weights.mask is None else [product.weights.mask]
    return [
        sides(product.input),
        *geometry(product.window),
        product.groups,
        product.padding_value,
        *masks,
    ]


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


def plain_weights(product: Product) -> tuple[list[bitarray], list[bitarray] | None]:
    fan_in = product.window.taps * product.input.channels // product.groups
    mask = product.weights.mask
    kept = None if mask is None else words.unpack(mask, fan_in)
    return words.unpack(product.weights.words, fan_in), kept


def bits_of(packed: np.ndarray, channels: int) -> list[bitarray]:
    """Return packed images as the reference has them."""
    return [bitarray(image.ravel().tolist()) for image in unpack_bits(packed, channels)]


@FEW
@given(st.data())
def test_packing(connection, data):
    shape = data.draw(small_shapes())
    images = random_signs(data, shape)
    packed = column(connection, "nnPackImage", images, sides(shape))
    assert np.array_equal(packed, pack_signs(images).reshape(len(images), -1))
    back = column(connection, "nnUnpackImage", packed, sides(shape))
    assert np.array_equal(back, images.reshape(len(images), -1))
    vectors = column(connection, "nnFlatten", packed, sides(shape))
    rows = images.reshape(len(images), -1)
    assert np.array_equal(vectors, column(connection, "nnPackSigns", rows))
    assert vectors.tolist() == [words.pack(bitarray((row > 0).tolist())) for row in rows]
    assert np.array_equal(column(connection, "nnUnpackSigns", vectors, shape.size), rows)
    assert np.array_equal(column(connection, "nnPackBits", rows > 0), vectors)
    assert np.array_equal(column(connection, "nnUnpackBits", vectors, shape.size), rows > 0)
    assert np.array_equal(column(connection, "nnPackMask", rows * (rows > 0)), vectors)


@FEW
@given(st.data())
def test_products_of_vectors(connection, data):
    n_bits = data.draw(st.integers(0, 150))
    generator = data.draw(layers.generators())
    left, right = generator.random((2, n_bits)) < 0.5
    kept = generator.random(n_bits) < 0.7
    a, b, m = (pack_bits(each).tolist() for each in (left, right, kept))
    (found,) = connection.execute(
        "SELECT nnDistance(?, ?), nnMaskedDistance(?, ?, ?), nnDot(?, ?, ?), nnMaskedDot(?, ?, ?)",
        [a, b, a, b, m, a, b, n_bits, a, b, m],
    )
    values = np.where(left, 1, -1) * np.where(right, 1, -1)
    assert found[0] == words.distance(bitarray(left.tolist()), bitarray(right.tolist()))
    assert found[1:] == ((left ^ right)[kept].sum(), values.sum(), values[kept].sum())


@FEW
@given(st.data())
def test_patches_and_their_inverse(connection, data):
    product = data.draw(layers.products(most_channels=70))
    shape, window, groups = product.input, product.window, product.groups
    packed = pack_signs(random_signs(data, shape))
    given_ = [sides(shape), *geometry(window), groups]
    patches = column(connection, "nnIm2col", packed, *given_)
    fan_in = window.taps * shape.channels // groups
    for row, image in zip(patches, bits_of(packed, shape.channels), strict=True):
        expected = [p for group in signs.im2col(image, shape, window, groups) for p in group]
        assert words.unpack(row, fan_in) == expected
    covered = {cell for cells in signs.positions_of(window, shape) for cell in cells} - {None}
    sql = "SELECT nnRecoverImage(?, ?, ?, ?, ?, ?, ?)"
    if len(covered) < shape.cells:
        with pytest.raises(minidb.Error) as caught:
            connection.execute(sql, [patches[0].tolist(), *given_]).scalar()
        assert caught.value.code == NN_NOT_COVERED
        return
    found = connection.execute(sql, [patches[0].tolist(), *given_]).scalar()
    assert found == packed[0].ravel().tolist()


@FEW
@given(st.data())
def test_convolutions(connection, data):
    product = data.draw(layers.products(most_channels=70))
    images = random_signs(data, product.input)
    packed = pack_signs(images)
    found = column(connection, "nnBinaryConv2d", packed, product.weights.words, *layer_of(product))
    by_torch = torch_graph.run_node(node_of(product), images)
    assert np.array_equal(found, by_torch.reshape(found.shape))
    filters, masks = plain_weights(product)
    own = (product.input, product.window, filters, masks, product.groups, product.padding_value)
    for row, image in zip(found, bits_of(packed, product.input.channels), strict=True):
        assert row.tolist() == signs.conv(image, *own)


@FEW
@given(st.data())
def test_linear_layers(connection, data):
    fan_in, features = data.draw(st.integers(1, 150)), data.draw(st.integers(1, 4))
    own = data.draw(layers.weights(features, fan_in))
    product = layers.product_of(own, ImageShape(1, 1, fan_in), Window((1, 1)))
    images = random_signs(data, product.input)
    masks = [] if own.mask is None else [own.mask]
    packed = pack_signs(images)
    found = column(connection, "nnBinaryLinear", packed, own.words, fan_in, *masks)
    by_torch = torch_graph.run_node(node_of(product), images)
    assert np.array_equal(found, by_torch.reshape(found.shape))
    for row, image in zip(found, bits_of(packed, fan_in), strict=True):
        assert row.tolist() == signs.linear(image, *plain_weights(product))


@FEW
@given(st.data())
def test_a_folded_layer_answers_as_batch_norm_and_sign_do(connection, data):
    product = data.draw(layers.products(most_channels=70))
    filters = product.output.channels
    norm: BatchNorm = data.draw(layers.batch_norms(filters))
    bias = np.full(filters, 0.3)
    zero = data.draw(st.integers(0, 1))
    images = random_signs(data, product.input)
    layer = [product.weights.words.tolist(), *map(plain, layer_of(product))]
    terms = connection.execute(f"SELECT nnTerms({', '.join('?' * len(layer))})", layer).scalar()
    assert terms == (product.terms.count.tolist(), product.terms.base.tolist())
    parameters = [bias, norm.gamma, norm.beta, norm.mean, norm.variance, norm.eps, zero]
    sql = "SELECT nnFoldBatchNorm(?, ?, ?, ?, ?, ?, ?, ?)"
    try:
        limits = connection.execute(sql, [terms, *map(plain, parameters)]).scalar()
    except minidb.Error as error:
        if error.code != NN_SIGN_OF_ZERO:
            raise
        return
    found = column(connection, "nnSignConv2d", pack_signs(images), layer[0], limits, *layer[1:])
    answer = torch_graph.run_node(node_of(product, bias), images)
    for step in (norm, Sign("sign", "before", zero)):
        answer = torch_graph.run_node(step, answer)
    assert np.array_equal(found, pack_signs(answer).reshape(found.shape))


@FEW
@given(st.data())
def test_pools(connection, data):
    shape = data.draw(small_shapes())
    window = data.draw(layers.pools(shape))
    images = random_signs(data, shape)
    packed, own = pack_signs(images), [sides(shape), *geometry(window)]
    found = column(connection, "nnMaxPoolSigns", packed, *own)
    by_torch = torch_graph.run_node(MaxPool("p", "b", window), images)
    assert np.array_equal(found, pack_signs(by_torch).reshape(found.shape))
    polarity = data.draw(layers.generators()).choice([-1, 1], shape.channels)
    decided = column(connection, "nnMaxPoolSigns", packed, *own, polarity)
    down, along = window.output_size(shape.height, shape.width)
    shaped = decided.reshape(len(images), down, along, -1)
    for row, image in zip(
        bits_of(shaped, shape.channels), bits_of(packed, shape.channels), strict=True
    ):
        assert row == signs.pool(image, shape, window, polarity.tolist())
    noisy = images * data.draw(layers.generators()).uniform(0, 1, images.shape)
    greatest = column(connection, "nnMaxPool", noisy, *own)
    by_torch = torch_graph.run_node(MaxPool("p", "b", window), noisy)
    assert np.array_equal(greatest, by_torch.reshape(greatest.shape))
    for row, image in zip(greatest, noisy, strict=True):
        assert row.tolist() == reals.max_pool(image.ravel().tolist(), shape, window)


@FEW
@given(st.data())
def test_average_pools(connection, data):
    shape = data.draw(small_shapes())
    kernel = data.draw(st.tuples(st.integers(1, shape.height), st.integers(1, shape.width)))
    window = Window(kernel, data.draw(st.tuples(st.integers(1, 3), st.integers(1, 3))))
    images = random_signs(data, shape)
    packed, own = pack_signs(images), [sides(shape), kernel, window.stride]
    found = column(connection, "nnAveragePoolSigns", packed, *own)
    by_torch = torch_graph.run_node(AveragePool("p", "b", window), images)
    assert np.array_equal(found, by_torch.reshape(found.shape))
    for row, image in zip(found, bits_of(packed, shape.channels), strict=True):
        assert row.tolist() == signs.average_pool(image, shape, window)
    noisy = images * data.draw(layers.generators()).uniform(0, 1, images.shape)
    means = column(connection, "nnAveragePool", noisy, *own)
    by_torch = torch_graph.run_node(AveragePool("p", "b", window), noisy)
    assert np.allclose(means, by_torch.reshape(means.shape), rtol=TOLERANCE, atol=TOLERANCE)
    for row, image in zip(means, noisy, strict=True):
        assert row.tolist() == reals.average_pool(image.ravel().tolist(), shape, window)


@FEW
@given(st.data())
def test_first_layers(connection, data):
    stage = data.draw(layers.real_product_stages())
    product, normalize = stage.product, stage.normalize
    assert isinstance(normalize, Normalize)
    shape = product.input
    size = (data.draw(st.integers(1, 2)), shape.height, shape.width, shape.channels)
    pixels = data.draw(layers.generators()).integers(0, 256, size).astype(np.uint8)
    masks = [] if product.weights.mask is None else [product.weights.mask]
    layer = [sides(shape), *geometry(product.window), product.groups, stage.bias, *masks]
    found = column(
        connection,
        "nnPixelConv2d",
        pixels,
        product.weights.words,
        stage.max_pixel,
        list(normalize.mean),
        list(normalize.std),
        *layer,
    )
    inputs = torch_graph.run_node(normalize, pixels, max_pixel=stage.max_pixel)
    by_torch = torch_graph.run_node(node_of(product, stage.bias), inputs)
    assert np.allclose(found, by_torch.reshape(found.shape), rtol=TOLERANCE, atol=TOLERANCE)
    over_reals = column(connection, "nnRealConv2d", inputs, product.weights.words, *layer)
    assert np.allclose(over_reals, found, rtol=TOLERANCE, atol=TOLERANCE)
    filters, masks_ = plain_weights(product)
    for row, image in zip(found, pixels, strict=True):
        values = reals.normalize(
            image.ravel().tolist(), stage.max_pixel, normalize.mean, normalize.std
        )
        sums = reals.conv(values, shape, product.window, filters, masks_, product.groups)
        expected = reals.add_bias(sums, stage.bias.tolist())
        assert np.allclose(row, expected, rtol=TOLERANCE, atol=TOLERANCE)


@FEW
@given(st.data())
def test_columns_of_reals(connection, data):
    channels = data.draw(st.integers(1, 70))
    images = data.draw(layers.generators()).uniform(-2, 2, (2, 2, 1, channels))
    norm: BatchNorm = data.draw(layers.batch_norms(channels))
    flat = images[0].ravel().tolist()
    scale, offset = norm.scale.tolist(), norm.offset.tolist()
    found = column(connection, "nnAffine", images, scale, offset)
    assert found[0].tolist() == reals.batch_norm(flat, scale, offset)
    assert np.allclose(found, torch_graph.run_node(norm, images).reshape(found.shape), atol=1e-9)
    assert column(connection, "nnClamp", images, -1, 1)[0].tolist() == reals.hardtanh(flat)
    assert column(connection, "nnClamp", images, 0, np.inf)[0].tolist() == reals.relu(flat)
    assert column(connection, "nnAdd", images, flat)[0].tolist() == reals.add(flat, flat)
    packed = column(connection, "nnSigns", images, [2, 1, channels])
    assert bits_of(packed.reshape(2, 2, 1, -1), channels)[0] == reals.signs_of(flat, 0)
    zeros = column(connection, "nnSigns", images * 0, [2, 1, channels], 1)
    assert np.array_equal(zeros, pack_signs(np.ones_like(images)).reshape(zeros.shape))


@FEW
@given(st.data())
def test_answers(connection, data):
    generator = data.draw(layers.generators())
    logits = generator.integers(-3, 4, (4, data.draw(st.integers(1, 9)))) * 1.5
    found = column(connection, "nnLogSoftmax", logits)
    classes = column(connection, "nnArgMax", logits)
    for row, shares, best in zip(logits.tolist(), found, classes, strict=True):
        assert np.allclose(shares, reals.log_softmax(row), atol=1e-12)
        assert best == reals.argmax(row)


@FEW
@given(st.data())
def test_thermometers(connection, data):
    shape = data.draw(layers.image_shapes(channels=data.draw(st.integers(1, 3))))
    limits = sorted(data.draw(st.sets(st.integers(0, 15), min_size=1, max_size=4)))
    size = (2, shape.height, shape.width, shape.channels)
    pixels = data.draw(layers.generators()).integers(0, 17, size)
    found = column(connection, "nnThermometer", pixels, sides(shape), limits)
    shaped = found.reshape(2, shape.height, shape.width, -1)
    for row, image in zip(bits_of(shaped, shape.channels * len(limits)), pixels, strict=True):
        assert row == signs.thermometer(image.ravel().tolist(), limits)


@pytest.mark.parametrize("n_images", [1, 2, 64])
def test_a_batch_is_its_images(connection, n_images):
    generator = np.random.default_rng(n_images)
    signs_ = np.where(generator.random((n_images, 4 * 3 * 2)) < 0.5, 1, -1)
    weights = pack_bits(generator.random((4, 18)) < 0.5)
    sql = (
        "SELECT nnBinaryConv2d(nnPackImage(x, [4, 3, 2]), ?, [4, 3, 2], 3, 1, 1) "
        "FROM (SELECT arrayJoin(?) AS x) SETTINGS max_block_size = {}"
    )
    together = connection.execute(sql.format(65_536), [weights.tolist(), signs_.tolist()]).rows()
    in_pieces = connection.execute(sql.format(7), [weights.tolist(), signs_.tolist()]).rows()
    assert in_pieces == together
    alone = [
        connection.execute(sql.format(1), [weights.tolist(), [row.tolist()]]).rows()[0]
        for row in signs_
    ]
    assert together == alone
