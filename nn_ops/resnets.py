"""The residual networks of the seed: blocks whose sums stay real between binary convolutions."""

from __future__ import annotations

from nn_ops.errors import NN_UNKNOWN_FAMILY, ExtensionError
from nn_ops.graph_builder import GraphBuilder
from nn_ops.sizes import Size

CIFAR_WIDTHS = (16, 32, 64)
IMAGENET_WIDTHS = (64, 128, 256, 512)
IMAGENET_BLOCKS = {
    18: (2, 2, 2, 2),
    34: (3, 4, 6, 3),
    50: (3, 4, 6, 3),
    101: (3, 4, 23, 3),
    152: (3, 8, 36, 3),
}
FIRST_BOTTLENECK = 50
EXPANSION = 4
"""How many times wider than its middle a bottleneck's output is."""


def cifar_size(depth: int, inflate: int) -> Size:
    """Return the size for 32x32 images: ``(depth - 2) // 6`` blocks per stage, 2 at least."""
    n_blocks = max((depth - 2) // 6, 2)
    widths = tuple(width * inflate for width in CIFAR_WIDTHS)
    return Size(image=32, classes=10, widths=widths, blocks=(n_blocks,) * 3)


def imagenet_size(depth: int) -> Size:
    """Return the size for 224x224 images.

    Raises
    ------
    ExtensionError
        NN_UNKNOWN_FAMILY for a depth that is none of 18, 34, 50, 101, 152.
    """
    if depth not in IMAGENET_BLOCKS:
        raise ExtensionError(
            NN_UNKNOWN_FAMILY,
            f"no resnet_imagenet has the depth {depth}",
            hint="the depths are " + ", ".join(map(str, IMAGENET_BLOCKS)),
        )
    return Size(
        image=224,
        classes=1000,
        widths=IMAGENET_WIDTHS,
        blocks=IMAGENET_BLOCKS[depth],
        is_bottleneck=depth >= FIRST_BOTTLENECK,
        has_large_stem=True,
    )


def build_resnet(graph: GraphBuilder, size: Size) -> None:
    """Append a residual network: stem, stages, average pool, and a linear layer of signs.

    Notes
    -----
    The stem's sums become signs before pool and batch norm, as in the seed. Its last block is the
    one without batch norm and Hardtanh behind the sum (the seed has that batch norm too, but never
    calls it). Convolutions have no bias.
    """
    if size.has_large_stem:
        graph.conv("conv0", size.widths[0], 7, 2, 3, has_bias=False)
        graph.sign("sign0")
        graph.max_pool("pool0", 3, 2, 1)
    else:
        graph.conv("conv0", size.widths[0], 3, 1, 1, has_bias=False)
        graph.sign("sign0")
    graph.norm("norm0")
    graph.hardtanh("hardtanh0")
    for stage, (width, n_blocks) in enumerate(zip(size.widths, size.blocks, strict=True), start=1):
        for block in range(1, n_blocks + 1):
            stride = 2 if stage > 1 and block == 1 else 1
            is_last = stage == len(size.widths) and block == n_blocks
            name = f"stage{stage}_block{block}"
            _append_block(graph, name, width, stride, size, is_last=is_last)
    graph.average_pool("average", graph.shape.height, graph.shape.width)
    graph.norm("norm1")
    graph.hardtanh("hardtanh1")
    graph.sign("sign1")
    graph.linear("linear", size.classes)
    graph.norm("norm2")


def _append_block(
    graph: GraphBuilder, name: str, width: int, stride: int, size: Size, *, is_last: bool
) -> None:
    """Append a block: convolutions of signs, and the sum with what entered it."""
    entered, channels = graph.last, graph.shape.channels
    graph.sign(f"{name}_sign1")
    signs = graph.last
    sides: tuple[tuple[int, int, int, int], ...] = ((width, 3, stride, 1), (width, 3, 1, 1))
    if size.is_bottleneck:
        sides = ((width, 1, 1, 0), (width, 3, stride, 1), (width * EXPANSION, 1, 1, 0))
    for number, (filters, kernel, step, padding) in enumerate(sides, start=1):
        if number > 1:
            graph.norm(f"{name}_norm{number - 1}")
            graph.hardtanh(f"{name}_hardtanh{number - 1}")
            graph.sign(f"{name}_sign{number}")
        graph.conv(f"{name}_conv{number}", filters, kernel, step, padding, has_bias=False)
    sums = graph.last
    if stride != 1 or graph.shape.channels != channels:
        filters = graph.shape.channels
        graph.conv(f"{name}_shortcut", filters, 1, stride, has_bias=False, before=signs)
        graph.norm(f"{name}_shortcut_norm")
        entered = graph.last
    graph.add(f"{name}_add", sums, entered)
    if not is_last:
        graph.norm(f"{name}_norm{len(sides)}")
        graph.hardtanh(f"{name}_hardtanh{len(sides)}")
