"""The networks of the seed as data: a family's name, its sizes, and where parameters come from.

Each is what the spec of SmartLite's training code has: the order of convolution, pool, batch norm,
Hardtanh or ReLU and sign, the fan-ins and the eps. All weights are +1 and -1, those of the first
layer too, and those of `mnist` and `cnn3`, which the seed left real.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from nn_ops.errors import NN_SHAPE_MISMATCH, NN_UNKNOWN_FAMILY, ExtensionError
from nn_ops.geometry import ImageShape
from nn_ops.graph import Network
from nn_ops.graph_builder import GraphBuilder
from nn_ops.parameters import CountedParameters, Parameters, RandomParameters
from nn_ops.resnets import build_resnet, cifar_size, imagenet_size
from nn_ops.sizes import Size

MNIST = Size(image=28, classes=10, widths=(16, 32, 64, 256), mean=(0.1307,), std=(0.3081,))
CNN3 = Size(image=32, classes=10, widths=(16, 32, 64, 256))
ALEXNET = Size(image=224, classes=1000, widths=(192, 576, 1152, 768, 256, 4096, 4096))
VGG = Size(image=32, classes=10, widths=(384, 384, 768, 768, 1536, 512, 1024, 1024))

SMALL_EPS = 1e-4
"""Of the batch norms of `mnist` and `cnn3`."""


def build(
    name: str,
    *,
    image: int | None = None,
    classes: int | None = None,
    widths: Sequence[int] | None = None,
    width: float = 1.0,
    depth: int = 18,
    inflate: int = 5,
    parameters: Parameters | int = 0,
) -> Network:
    """Return a network of a family of the seed.

    Parameters
    ----------
    name : str
        One of `FAMILIES`.
    image : int, optional
        Side of the image, in pixels; the seed's by default.
    classes : int, optional
        The seed's by default.
    widths : sequence of int, optional
        The filters of each convolution, then the features of each linear layer but the last; of
        each stage for a ResNet. The seed's by default.
    width : float
        What the seed's widths are multiplied by when none are given.
    depth : int
        Of `resnet_cifar`, 6n + 2; of `resnet_imagenet` 18, 34, 50, 101 or 152.
    inflate : int
        Of `resnet_cifar`: how many times wider than 16, 32 and 64 filters its stages are.
    parameters : Parameters or int
        Where weights and statistics come from; a number is the seed of random ones.

    Returns
    -------
    Network
        Its logits are what the seed's networks give to log-softmax.

    Raises
    ------
    ExtensionError
        NN_UNKNOWN_FAMILY for another name or depth, NN_SHAPE_MISMATCH when the image is too small
        or there are not as many widths as the family has.
    """
    size, make = _family(name, depth, inflate)
    given = tuple(max(1, round(each * width)) for each in size.widths)
    if widths is not None:
        given = tuple(widths)
    if len(given) != len(size.widths):
        raise ExtensionError(
            NN_SHAPE_MISMATCH, f"{name} has {len(size.widths)} widths, found {len(given)}"
        )
    size = replace(size, image=image or size.image, classes=classes or size.classes, widths=given)
    source = RandomParameters(parameters) if isinstance(parameters, int) else parameters
    shape = ImageShape(size.image, size.image, len(size.mean))
    graph = GraphBuilder(shape, size.mean, size.std, source)
    make(graph, size)
    return graph.network(name)


def count_parameters(name: str, *, depth: int = 18, inflate: int = 5) -> int:
    """Return how many parameters a family's network has at the seed's size.

    Weights, biases, gammas and betas; no running statistics.

    Raises
    ------
    ExtensionError
        NN_UNKNOWN_FAMILY as for `build`.
    """
    counted = CountedParameters()
    build(name, depth=depth, inflate=inflate, parameters=counted)
    return counted.count


def _family(
    name: str, depth: int, inflate: int
) -> tuple[Size, Callable[[GraphBuilder, Size], None]]:
    """Return the seed's size of a family, and what builds it."""
    match name:
        case "mnist":
            return MNIST, _mnist
        case "cnn3":
            return CNN3, _cnn3
        case "alexnet":
            return ALEXNET, _alexnet
        case "vgg":
            return VGG, _vgg
        case "resnet_cifar":
            return cifar_size(depth, inflate), build_resnet
        case "resnet_imagenet":
            return imagenet_size(depth), build_resnet
    raise ExtensionError(
        NN_UNKNOWN_FAMILY,
        f"no family of networks is called {name[:40]!r}",
        hint="the families are " + ", ".join(FAMILIES),
    )


FAMILIES = ("mnist", "cnn3", "alexnet", "vgg", "resnet_cifar", "resnet_imagenet")
"""The names that `build` takes."""


def _mnist(graph: GraphBuilder, size: Size) -> None:
    graph.conv("conv1", size.widths[0], 3)
    graph.sign("sign1")
    _small(graph, size)


def _cnn3(graph: GraphBuilder, size: Size) -> None:
    graph.conv("conv1", size.widths[0], 3, padding=1)
    _small(graph, size)


def _small(graph: GraphBuilder, size: Size) -> None:
    """Append what `mnist` and `cnn3` have in common: all behind the first convolution."""
    _, second, third, features = size.widths
    graph.max_pool("pool1", 2)
    for number, filters in ((2, second), (3, third)):
        graph.norm(f"norm{number - 1}", eps=SMALL_EPS)
        graph.sign(f"sign{number}")
        graph.conv(f"conv{number}", filters, 3, stride=2, padding=1)
        graph.relu(f"relu{number}")
        graph.max_pool(f"pool{number}", 2)
    graph.norm("norm3", eps=SMALL_EPS)
    graph.sign("sign4")
    graph.linear("linear1", features)
    graph.relu("relu4")
    graph.linear("linear2", size.classes)


def _alexnet(graph: GraphBuilder, size: Size) -> None:
    kernels = ((11, 4, 2), (5, 1, 2), (3, 1, 1), (3, 1, 1), (3, 1, 1))
    for number, (kernel, stride, padding) in enumerate(kernels, start=1):
        graph.conv(f"conv{number}", size.widths[number - 1], kernel, stride, padding)
        if number in (1, 2, 5):
            graph.max_pool(f"pool{number}", 3, 2)
        _activate(graph, str(number))
    _classify(graph, size, 6, is_affine=True)


def _vgg(graph: GraphBuilder, size: Size) -> None:
    for number in range(1, 7):
        graph.conv(f"conv{number}", size.widths[number - 1], 3, padding=1)
        if number % 2 == 0:
            graph.max_pool(f"pool{number}", 2)
        _activate(graph, str(number))
    _classify(graph, size, 7, is_affine=False)


def _activate(graph: GraphBuilder, suffix: str) -> None:
    """Append batch norm, Hardtanh, and the sign that the next layer makes of its input."""
    graph.norm(f"norm{suffix}")
    graph.hardtanh(f"hardtanh{suffix}")
    graph.sign(f"sign{suffix}")


def _classify(graph: GraphBuilder, size: Size, first: int, *, is_affine: bool) -> None:
    """Append three linear layers; the last batch norm has gammas of its own or none."""
    for number, features in enumerate(size.widths[-2:], start=1):
        graph.linear(f"linear{number}", features)
        _activate(graph, str(first + number - 1))
    graph.linear("linear3", size.classes)
    graph.norm("norm_out", is_affine=is_affine)
