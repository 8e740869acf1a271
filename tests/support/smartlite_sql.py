"""The statements of the SmartLite experiments, rebuilt from our description of their shapes.

None of these texts is copied: each is written anew from what is known of the original statements:
their table and column names, word counts, thresholds, levels of nesting, and how often each
function occurs in each script (`EXPECTED_COUNTS` in the tests holds the rebuilt scripts to that).

Six shapes occur. A: conv1, one row per product. B, C: a convolution without and with pooling.
D: a linear layer. E, F: convolution and linear layer of the baseline DL2SQL, by join and sum.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

Kind = Literal["conv1", "conv", "linear"]
Form = Literal["smartlite", "dl2sql"]


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a network as the statements see it.

    Attributes
    ----------
    kind : str
        ``conv1``, ``conv`` or ``linear``.
    number : int
        In the table's name.
    n_words : int
        256-bit words per patch or vector, that is terms in the sum of lookups.
    threshold : int
        The sum is compared with it.
    is_pooled : bool
        Whether a maximum over a pooling group follows.
    """

    kind: Kind
    number: int
    n_words: int
    threshold: int
    is_pooled: bool = False


@dataclass(frozen=True, slots=True)
class Network:
    """A network: the prefix of its tables' names, its layers, and the form it is written in."""

    name: str
    prefix: str
    layers: tuple[Layer, ...]
    form: Form = "smartlite"


@dataclass(frozen=True, slots=True)
class Style:
    """What one writer does one way and another writer another way, meaning the same.

    Attributes
    ----------
    alias : str
        What stands behind a derived table: nothing, ``" as {}"`` or ``" {}"``.
    is_qualified : bool
        Whether columns of a join carry the table's alias.
    condition : str
        How 0 or 1 is made of a condition.
    pack : str
        The aggregate that makes a word of bits.
    is_split : bool
        Whether join and sum of lookups are two levels.
    """

    alias: str = ""
    is_qualified: bool = False
    condition: str = "{} ? 1 : 0"
    pack: str = "groupBitAnd"
    is_split: bool = True

    def binary(self, condition: str) -> str:
        """Return an expression that is 1 where the condition holds, else 0."""
        return self.condition.format(condition)

    def derived(self, query: str, name: str) -> str:
        """Return a query as a derived table."""
        return f"({query}){self.alias.format(name)}"

    def column(self, table: str, name: str) -> str:
        """Return a column of a table in a join."""
        return f"{table}.{name}" if self.is_qualified and self.alias else name


PLAIN = Style()
STYLES = (
    PLAIN,
    Style(alias=" as {}"),
    Style(alias=" {}", is_qualified=True),
    Style(is_split=False),
    Style(alias=" as {}", is_split=False, condition="if({}, 1, 0)"),
    Style(condition="({}) ? 1 : 0", alias=" {}"),
    Style(condition="case when {} then 1 else 0 end"),
    Style(condition="multiIf({}, 1, 0)"),
)


def alexnet_layers(words: tuple[int, ...], limits: tuple[int, ...]) -> tuple[Layer, ...]:
    """Return AlexNet's five convolutions and three linear layers."""
    first = Layer("conv1", 1, words[0], limits[0], is_pooled=True)
    convs = [Layer("conv", n, words[n - 1], limits[n - 1], n in {2, 5}) for n in range(2, 6)]
    linear = [Layer("linear", n, words[n + 4], limits[n + 4]) for n in range(1, 4)]
    return (first, *convs, *linear)


def vgg_layers(words: tuple[int, ...], limits: tuple[int, ...]) -> tuple[Layer, ...]:
    """Return VGG-16's thirteen convolutions and three linear layers, from seven pairs."""
    groups = {1: 0, 2: 1, 3: 2, 4: 2, 5: 3, 6: 3, 7: 3} | dict.fromkeys(range(8, 14), 4)
    convs = [
        Layer("conv1" if n == 1 else "conv", n, words[g], limits[g], n in {4, 6})
        for n, g in groups.items()
    ]
    linear = [Layer("linear", n, words[min(n, 2) + 4], limits[min(n, 2) + 4]) for n in range(1, 4)]
    return (*convs, *linear)


def resnet_layers(words: tuple[int, ...], limits: tuple[int, ...]) -> tuple[Layer, ...]:
    """Return the seven convolutions (conv2 runs twice) and the linear layer of the small ResNet."""
    groups = [(2, 0), (2, 0), (3, 0), (4, 0), (5, 1), (6, 1), (7, 2)]
    convs = [Layer("conv", n, words[g], limits[g]) for n, g in groups]
    return (*convs, Layer("linear", 1, words[3], limits[3]))


ALEXNET = alexnet_layers(
    (1, 18, 9, 13, 13, 36, 16, 16), (181, 2304, 1152, 1728, 1728, 4608, 2048, 2048)
)
VGG = vgg_layers((1, 2, 5, 9, 18, 128, 16), (181, 288, 576, 1152, 2304, 16384, 2048))
RESNET = resnet_layers((2, 5, 11, 19), (288, 576, 1408, 2560))
PRUNED_ALEXNET = alexnet_layers(
    (1, 13, 6, 9, 9, 25, 11, 11), (129, 1645, 822, 1233, 1233, 3290, 1462, 1462)
)
PRUNED_VGG = vgg_layers((1, 1, 3, 7, 14, 98, 12), (140, 223, 446, 893, 1787, 12713, 1589))
PRUNED_RESNET = resnet_layers((2, 4, 8, 14), (220, 440, 1075, 1955))


def unpooled_first(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Return the layers with no pooling behind conv1, as the baseline has it."""
    return (replace(layers[0], is_pooled=False), *layers[1:])


NETWORKS = {
    network.name: network
    for network in (
        Network("alexnet", "model0_", ALEXNET),
        Network("vgg", "model51_", VGG),
        Network("resnet", "modelresnet_samrtlite_", RESNET),
        Network("pruned alexnet", "modelalexnet_prune_", PRUNED_ALEXNET),
        Network("pruned vgg", "modelvgg16_prune_", PRUNED_VGG),
        Network("pruned resnet", "modelresnet_prune_", PRUNED_RESNET),
        Network("dl2sql alexnet", "dl2sql_model0_", unpooled_first(ALEXNET), "dl2sql"),
        Network("dl2sql vgg", "dl2sql_model51_", VGG, "dl2sql"),
        Network("dl2sql vgg single", "dl2sql_model251_", VGG, "dl2sql"),
        Network("dl2sql resnet", "dl2sql_modelresnet_dl2sql_", RESNET, "dl2sql"),
    )
}


def normalized(style: Style, column: str) -> str:
    """Return the expression of the original for batch normalization and sign of a group."""
    return f"{style.binary(f'avg({column})/stddevSamp({column}) + 0.00005 > 0')} as {column}"


def lookups(n_words: int, kernel: str, data: str) -> str:
    """Return the sum of one lookup per word."""
    return " + ".join(f"lookup({kernel}[{i}], {data}[{i}])" for i in range(1, n_words + 1))


def first_conv(prefix: str, layer: Layer, style: Style = PLAIN) -> str:
    """Shape A: compare each row's lookup, take the maximum per pool, normalize per channel."""
    over = style.binary(f"lookup(cv1, k1) > {layer.threshold}")
    source = f"select bn1, pool1, {over} as cv1 from {prefix}conv1_2"
    if layer.is_pooled:
        largest = style.binary("max(cv1) > 0")
        rows = style.derived(source, "t0")
        source = f"select any(bn1) as bn1, {largest} as cv1 from {rows} group by pool1"
    return f"select {normalized(style, 'cv1')} from {style.derived(source, 't1')} group by bn1"


def conv(prefix: str, layer: Layer, style: Style = PLAIN) -> str:
    """Shapes B and C: words of bits, arrays of words, all kernels, threshold, pool, normalize."""
    table = f"{prefix}conv{layer.number}"
    pool = ", pool2" if layer.is_pooled else ""
    words = (
        f"select {style.pack}(cv2) as cv2, any(cn_id) as cn_id, any(im_id) as im_id "
        f"from {table}_data2_2 group by bin_id"
    )
    arrays = (
        f"select cn_id, any(im_id) as im_id, groupArray(cv2) as cv2 "
        f"from {style.derived(words, 't1')} group by cn_id"
    )
    joined = f"{style.derived(arrays, 'd')}, {table}_kernel2_2{style.alias.format('k')}"
    data, kernel = style.column("d", "cv2"), style.column("k", "kv2")
    names = [style.column("d", name) for name in ("im_id", "cn_id")]
    names += [style.column("k", name) for name in ("kid2", *(["pool2"] * layer.is_pooled))]
    shown = ", ".join(f"{name} as {name.split('.')[1]}" if "." in name else name for name in names)
    if style.is_split:
        pairs = f"select {shown}, {data} as cv2, {kernel} as kv2 from {joined}"
        joined, data, kernel = style.derived(pairs, "p"), "cv2", "kv2"
        shown = f"im_id, cn_id, kid2{pool}"
    over = style.binary(f"{lookups(layer.n_words, kernel, data)} > {layer.threshold}")
    source = f"select {shown}, {over} as cv2 from {joined}"
    if layer.is_pooled:
        largest = style.binary("max(cv2) > 0")
        source = (
            f"select any(im_id) as im_id, any(kid2) as kid2, {largest} as cv2 "
            f"from {style.derived(source, 't3')} group by cn_id, pool2"
        )
    rows = style.derived(source, "t4")
    return f"select {normalized(style, 'cv2')} from {rows} group by im_id, kid2"


def linear(prefix: str, layer: Layer, style: Style = PLAIN) -> str:
    """Shape D: words of bits, arrays of words, all kernels, threshold."""
    table = f"{prefix}linear{layer.number}"
    words = (
        f"select {style.pack}(lv1) as lv1, any(ln_id1) as ln_id1 from {table}_ln1_2 group by bin_id"
    )
    arrays = f"select groupArray(lv1) as lv1 from {style.derived(words, 't1')} group by ln_id1"
    joined = f"{style.derived(arrays, 'd')}, {table}_kerne_ln1_2{style.alias.format('k')}"
    data, kernel = style.column("d", "lv1"), style.column("k", "kv1")
    if style.is_split:
        pairs = f"select {data} as lv1, {kernel} as kv1 from {joined}"
        joined, data, kernel = style.derived(pairs, "p"), "lv1", "kv1"
    over = style.binary(f"{lookups(layer.n_words, kernel, data)} > {layer.threshold}")
    return f"select {over} as lv1 from {joined}"


def dl2sql_first_conv(prefix: str, layer: Layer, style: Style = PLAIN) -> str:
    """Return shape E of conv1: the products stand in one table, and bn1 groups twice."""
    del layer
    sums = f"select bn1, {style.binary('sum(cv1 * k1) > 0')} as cv1 from {prefix}conv1_2"
    rows = style.derived(f"{sums} group by bn1", "t1")
    return f"select {normalized(style, 'cv1')} from {rows} group by bn1"


def dl2sql_conv(prefix: str, layer: Layer, style: Style = PLAIN) -> str:
    """Shape E: join on the element's number, sum of products, pool, normalize."""
    table = f"{prefix}conv{layer.number}"
    # Tables carry aliases in every writer's text: the join's condition needs them.
    source = (
        f"select cn_id, kid2, any(im_id) as im_id{', any(pool2) as pool2' * layer.is_pooled}, "
        f"{style.binary('sum(cv2 * kv2) > 0')} as cv2 from {table}_data2_2 as a "
        f"inner join {table}_kernel2_2 as b on a.bin_id = b.orderid2 group by cn_id, kid2"
    )
    if layer.is_pooled:
        largest = style.binary("max(cv2) > 0")
        source = (
            f"select any(im_id) as im_id, any(kid2) as kid2, {largest} as cv2 "
            f"from {style.derived(source, 't1')} group by cn_id, pool2"
        )
    rows = style.derived(source, "t2")
    return f"select {normalized(style, 'cv2')} from {rows} group by im_id, kid2"


def dl2sql_linear(prefix: str, layer: Layer, style: Style = PLAIN) -> str:
    """Shape F: join, sum of products, compare."""
    table = f"{prefix}linear{layer.number}"
    return (
        f"select {style.binary('sum(a.lv1 * b.kv1) > 0')} as lv1 from {table}_ln1_2 a "
        f"inner join {table}_kerne_ln1_2 b on a.bin_id = b.bin_id group by ln_id1, kid2"
    )


SHAPES: dict[tuple[Form, Kind], Callable[[str, Layer, Style], str]] = {
    ("smartlite", "conv1"): first_conv,
    ("smartlite", "conv"): conv,
    ("smartlite", "linear"): linear,
    ("dl2sql", "conv1"): dl2sql_first_conv,
    ("dl2sql", "conv"): dl2sql_conv,
    ("dl2sql", "linear"): dl2sql_linear,
}


def layer_query(network: Network, layer: Layer, style: Style = PLAIN) -> str:
    """Return the query of one layer."""
    return SHAPES[network.form, layer.kind](network.prefix, layer, style)


def network_queries(name: str, style: Style = PLAIN, kind: Kind | None = None) -> list[str]:
    """Return the queries of a network's layers, or of those of one kind."""
    network = NETWORKS[name]
    layers = [layer for layer in network.layers if kind in {None, layer.kind}]
    return [layer_query(network, layer, style) for layer in layers]


SET_LIMIT = "SET max_memory_usage={}"
PLAIN_NETWORKS = ("alexnet", "vgg", "resnet")


def scripts() -> dict[str, list[str]]:
    """Return the statements of each script of the experiments, in order."""
    variants = ("{}", "dl2sql {}", "pruned {}")
    every = [variant.format(name) for variant in variants for name in PLAIN_NETWORKS]
    shared = [
        *network_queries("alexnet"),
        *network_queries("vgg"),
        *network_queries("alexnet", kind="linear"),
        *network_queries("vgg", kind="linear"),
    ]
    baseline = [*network_queries("dl2sql alexnet"), *network_queries("dl2sql vgg")]
    return {
        "basic_mem_load": network_queries("pruned vgg"),
        "basic_model_load": [query for name in every for query in network_queries(name)],
        "multi_shared_parameter": [SET_LIMIT.format(5 << 30), *shared],
        "dl2sql_single": [
            *network_queries("dl2sql alexnet"),
            *network_queries("dl2sql vgg single"),
        ],
        "dl2sql_shared_parameter": [SET_LIMIT.format(20 << 30), *baseline],
        "alexnet_udf": udf_statements(),
    }


def udf_statements() -> list[str]:
    """Return the seven statements of the AlexNet program: each layer but the last fills a table.

    The bits are packed with `sumbin`; the tables' names lack the model's prefix, and one kernel
    table is misspelt, all as in the original. Aliases, which the original forgot, are here.
    """
    style = Style(pack="sumbin")
    queries = [layer_query(Network("udf", "", ()), layer, style) for layer in ALEXNET[1:]]
    queries[1] = queries[1].replace("conv3_kernel2_2", "covn3_kernel2_2")
    names = ["conv2", "conv3", "conv4", "conv5", "linear1", "linear2"]
    created = [
        f"create table if not exists {name}_result_2 engine = Memory as {query}"
        for name, query in zip(names, queries, strict=False)
    ]
    return [*created, queries[-1]]
