"""Windows over images: sizes, places, border classes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn_ops.errors import NN_SHAPE_MISMATCH, ExtensionError
from nn_ops.geometry import ImageShape, Window, border_classes
from nn_ops.reference import signs
from tests.strategies import layers


def test_sizes_of_an_image() -> None:
    shape = ImageShape(2, 3, 5)
    assert (shape.size, shape.cells) == (30, 6)
    assert Window((2, 3)).taps == 6


@pytest.mark.parametrize(
    ("window", "size", "expected"),
    [
        (Window((3, 3), padding=(1, 1)), (5, 7), (5, 7)),
        (Window((11, 11), stride=(4, 4), padding=(2, 2)), (224, 224), (55, 55)),
        (Window((3, 3), stride=(2, 2)), (55, 55), (27, 27)),
        (Window((1, 1), stride=(2, 2)), (32, 31), (16, 16)),
        (Window((2, 3), dilation=(3, 2)), (4, 5), (1, 1)),
        (Window((2, 2)), (2, 2), (1, 1)),
    ],
)
def test_positions_down_and_along(window: Window, size, expected) -> None:
    assert window.output_size(*size) == expected


@pytest.mark.parametrize("size", [(1, 9), (9, 1)])
def test_a_window_larger_than_the_image_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ExtensionError) as caught:
        Window((4, 4), padding=(1, 1)).output_size(*size)
    assert caught.value.code == NN_SHAPE_MISMATCH


@given(st.data())
def test_the_places_of_a_window(data: st.DataObject) -> None:
    shape = data.draw(layers.image_shapes(channels=1))
    window = data.draw(layers.windows(shape))
    plain = signs.positions_of(window, shape)
    inside = window.cells_inside(shape.height, shape.width)
    assert inside.tolist() == [[cell is not None for cell in cells] for cells in plain]
    rows, columns = window.sources(shape.height, shape.width)
    cells = (rows[:, None, :, None] * shape.width + columns[None, :, None, :]).reshape(inside.shape)
    assert np.where(inside, cells, -1).tolist() == [
        [-1 if cell is None else cell for cell in cells] for cells in plain
    ]


@given(st.data())
def test_border_classes_are_numbered_as_they_appear(data: st.DataObject) -> None:
    shape = data.draw(layers.image_shapes(channels=1))
    window = data.draw(layers.windows(shape))
    inside = window.cells_inside(shape.height, shape.width).tolist()
    classes = border_classes(window, shape.height, shape.width)
    numbers: dict[tuple[bool, ...], int] = {}
    expected = [numbers.setdefault(tuple(cells), len(numbers)) for cells in inside]
    assert classes.of_position.tolist() == expected
    assert [tuple(cells) for cells in classes.inside.tolist()] == list(numbers)
