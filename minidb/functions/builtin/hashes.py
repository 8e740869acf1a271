"""Hash functions of any values, and digests of text, equal to ClickHouse's bit for bit."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from minidb.columns import (
    ArrayColumn,
    Column,
    FixedStringColumn,
    NumericColumn,
    StringColumn,
    TupleColumn,
    WideColumn,
)
from minidb.errors import ILLEGAL_TYPE_OF_ARGUMENT, BindError, InternalError
from minidb.functions.arguments import ANY, Arg
from minidb.functions.arguments import TEXT as TEXT_KIND
from minidb.functions.builtin.arrays import INDEX
from minidb.functions.builtin.hash_city import city_hash_64, hash_pair
from minidb.functions.builtin.hash_murmur import (
    GCC_SEED,
    kafka_murmur2,
    murmur2_32,
    murmur2_64,
    murmur3_32,
    murmur3_64,
    murmur3_128,
)
from minidb.functions.builtin.hash_sip import sip_hash_64, sip_hash_128
from minidb.functions.builtin.hash_words import LOW_32, PADDING, Hashes, Texts, rotate, u64
from minidb.functions.builtin.hash_xx import xx_hash_32, xx_hash_64
from minidb.functions.builtin.kit import (
    U32,
    U64,
    Bytes,
    arrays,
    numbers,
    numeric,
    range_indices,
    strings,
)
from minidb.functions.declaration import Argument, Call, Kernel, ScalarFunction
from minidb.functions.no_numpy_way import map_fixed, map_numbers
from minidb.record import record
from minidb.types import (
    ArrayType,
    BitsType,
    DataType,
    DecimalType,
    FixedStringType,
    NothingType,
    NullableType,
    TupleType,
)

HashTexts = Callable[[Texts], Hashes]
Combine = Callable[[Hashes, Hashes], Hashes]
NO_ARGUMENTS = u64(0xE28DBDE7FE22E41C)


def int_hash_64(values: Hashes) -> Hashes:
    """Return ClickHouse's intHash64 of words."""
    x = values ^ u64(0x4CF2D2BAAE6DA887)
    x = (x ^ (x >> np.uint64(33))) * u64(0xFF51AFD7ED558CCD)
    x = (x ^ (x >> np.uint64(33))) * u64(0xC4CEB9FE1A85EC53)
    mixed: Hashes = x ^ (x >> np.uint64(33))
    return mixed


def int_hash_32(values: Hashes) -> Hashes:
    """Return ClickHouse's intHash32 of words, 32 bits in uint64."""
    x = values ^ u64(0x75D9543DE018BF45)
    x = ~x + (x << np.uint64(18))
    x = (x ^ rotate(x, 31)) * np.uint64(21)
    x = x ^ rotate(x, 11)
    x = x + (x << np.uint64(6))
    mixed: Hashes = (x ^ rotate(x, 22)) & LOW_32
    return mixed


@record
class Algorithm:
    """One hash function of any values.

    Parameters
    ----------
    bits : int
        Of its result: 32 or 64.
    of_texts : callable
        The hash of bytes.
    combine : callable
        The hash of two hashes, for several arguments, tuples and arrays.
    mixes_integers : bool
        Whether numbers are hashed by intHash64, else as their bytes.
    """

    bits: int
    of_texts: HashTexts
    combine: Combine
    mixes_integers: bool = False


def _with_padding(data: Bytes) -> Bytes:
    return np.concatenate([data, np.zeros(PADDING, np.uint8)])


def texts_of(column: StringColumn) -> Texts:
    """Return a column's texts as hash functions read them."""
    text = column.compact()
    return Texts(_with_padding(text.data), text.offsets[:-1], text.lengths)


def _texts_of_width(data: Bytes, width: int) -> Texts:
    """Return rows of one width as texts."""
    n_rows = len(data) // width
    starts = np.arange(n_rows, dtype=np.int64) * width
    return Texts(_with_padding(data), starts, np.full(n_rows, width, np.int64))


def _unsigned_words(column: NumericColumn) -> Hashes:
    """Return the bits of numbers, of whatever width, as uint64 with zeros above."""
    values = np.ascontiguousarray(column.values)
    return values.view(f"u{values.dtype.itemsize}").astype(np.uint64)


def _combine_by(of_texts: HashTexts) -> Combine:
    """Return the combination that hashes the bytes of both hashes."""

    def combine(first: Hashes, second: Hashes) -> Hashes:
        pair = np.stack([first, second], axis=1).astype("<u8")
        return of_texts(_texts_of_width(pair.reshape(-1).view(np.uint8), 16))

    return combine


def hash_into(column: Column, algorithm: Algorithm, seed: Hashes | None) -> Hashes:
    """Hash a column and combine it with the hashes so far, if there are any."""
    match column:
        case TupleColumn(children=children):
            for child in children:
                seed = hash_into(child, algorithm, seed)
            return np.full(len(column), NO_ARGUMENTS) if seed is None else seed
        case ArrayColumn():
            return _hash_arrays(arrays(column), algorithm, seed)
        case NumericColumn(type=data_type) if algorithm.mixes_integers and not isinstance(
            data_type, DecimalType
        ):
            found = int_hash_64(_unsigned_words(column))
        case NumericColumn():
            values = np.ascontiguousarray(column.values)
            found = algorithm.of_texts(
                _texts_of_width(values.view(np.uint8), values.dtype.itemsize)
            )
        case WideColumn():
            lanes = np.ascontiguousarray(column.lanes, "<u8").reshape(-1).view(np.uint8)
            found = algorithm.of_texts(_texts_of_width(lanes, column.type.n_lanes * 8))
        case StringColumn() | FixedStringColumn():
            found = algorithm.of_texts(texts_of(strings(column)))
        case _:
            raise InternalError(f"no hash of {column.type.name}")
    return found if seed is None else algorithm.combine(seed, found)


def _hash_arrays(array: ArrayColumn, algorithm: Algorithm, seed: Hashes | None) -> Hashes:
    """Combine the hash of the length with those of the elements, one after another."""
    lengths, starts = array.lengths, array.offsets[:-1]
    of_length = int_hash_64 if algorithm.bits == 64 else int_hash_32
    found = of_length(lengths.astype(np.uint64))
    found = found if seed is None else algorithm.combine(seed, found)
    if not len(array.child):
        return found
    elements = hash_into(array.child, algorithm, None)
    rows, place = np.flatnonzero(lengths > 0), 0
    while len(rows):
        found[rows] = algorithm.combine(found[rows], elements[starts[rows] + place])
        place += 1
        rows = rows[lengths[rows] > place]
    return found


def _hash_any(algorithm: Algorithm) -> Kernel:
    def kernel(call: Call) -> Column:
        seed: Hashes | None = None
        for column in call.columns:
            seed = hash_into(column, algorithm, seed)
        if seed is None:
            seed = np.full(call.n_rows, NO_ARGUMENTS)
        return numeric(call.result_type, seed)

    return kernel


def _hashable_type(bits: int) -> Callable[[Sequence[Argument]], DataType]:
    """Return the rule that refuses values without a hash."""

    def rule(arguments: Sequence[Argument]) -> DataType:
        for argument in arguments:
            _require_hashable(argument.type)
        return U64 if bits == 64 else U32

    return rule


def _require_hashable(data_type: DataType) -> None:
    match data_type:
        case ArrayType(element=NothingType()):
            return
        case ArrayType(element=element):
            _require_hashable(element)
        case TupleType(elements=elements):
            for element in elements:
                _require_hashable(element)
        case NullableType() | BitsType() | NothingType():
            raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, f"there is no hash of {data_type.name}")
        case _:
            return


def _half_md5(texts: Texts) -> Hashes:
    """Return the first eight bytes of MD5, the first one highest."""
    offsets = np.concatenate([[0], np.cumsum(texts.lengths)])
    data = texts.data[range_indices(texts.starts, texts.lengths)]

    def digest(value: bytes) -> int:
        return int.from_bytes(hashlib.md5(value, usedforsecurity=False).digest()[:8], "big")

    return map_numbers(StringColumn(offsets.astype(np.int64), data), digest)


def _xor_after(mix: Callable[[Hashes], Hashes]) -> Combine:
    """Return the combination that mixes the first hash and adds the second bit by bit."""
    return lambda first, second: mix(first) ^ second


ALGORITHMS: tuple[tuple[str, Algorithm, str], ...] = (
    ("cityHash64", Algorithm(64, city_hash_64, hash_pair, mixes_integers=True), "CityHash64"),
    ("sipHash64", Algorithm(64, sip_hash_64, _combine_by(sip_hash_64)), "SipHash-2-4"),
    ("halfMD5", Algorithm(64, _half_md5, _combine_by(_half_md5)), "the first half of MD5"),
    ("xxHash32", Algorithm(32, xx_hash_32, _xor_after(int_hash_32)), "xxHash32"),
    ("xxHash64", Algorithm(64, xx_hash_64, hash_pair), "xxHash64"),
    ("murmurHash2_32", Algorithm(32, murmur2_32, _xor_after(int_hash_32)), "MurmurHash2"),
    ("murmurHash2_64", Algorithm(64, murmur2_64, _xor_after(int_hash_64)), "MurmurHash64A"),
    (
        "kafkaMurmurHash",
        Algorithm(32, kafka_murmur2, _xor_after(int_hash_32)),
        "Kafka's MurmurHash2",
    ),
    (
        "gccMurmurHash",
        Algorithm(64, partial(murmur2_64, seed=GCC_SEED), _xor_after(int_hash_64)),
        "gcc's MurmurHash64A",
    ),
    ("murmurHash3_32", Algorithm(32, murmur3_32, _xor_after(int_hash_32)), "MurmurHash3, 32 bits"),
    ("murmurHash3_64", Algorithm(64, murmur3_64, _xor_after(int_hash_64)), "MurmurHash3, 64 bits"),
)


def _int_hash(mix: Callable[[Hashes], Hashes]) -> Kernel:
    def kernel(call: Call) -> Column:
        values = numbers(call.columns[0])
        return numeric(call.result_type, mix(values.astype(np.uint64)))

    return kernel


def _digest(width: int, make: Callable[[bytes], bytes]) -> Kernel:
    """Return the kernel of a digest that is a FixedString."""

    def kernel(call: Call) -> Column:
        data = map_fixed(strings(call.columns[0]), make, width)
        return FixedStringColumn(FixedStringType(width), data)

    return kernel


def _md5(value: bytes) -> bytes:
    return hashlib.md5(value, usedforsecurity=False).digest()


def _sha1(value: bytes) -> bytes:
    return hashlib.sha1(value, usedforsecurity=False).digest()


DIGESTS: tuple[tuple[str, int, Callable[[bytes], bytes]], ...] = (
    ("MD5", 16, _md5),
    ("SHA1", 20, _sha1),
    ("SHA224", 28, lambda value: hashlib.sha224(value).digest()),
    ("SHA256", 32, lambda value: hashlib.sha256(value).digest()),
    ("SHA384", 48, lambda value: hashlib.sha384(value).digest()),
    ("SHA512", 64, lambda value: hashlib.sha512(value).digest()),
)


def _crc32_ieee(value: bytes) -> int:
    """Return the checksum that begins at 0 and is not turned around at the end."""
    return zlib.crc32(value, 0xFFFF_FFFF) ^ 0xFFFF_FFFF


def _checksum(of_bytes: Callable[[bytes], int]) -> Kernel:
    return lambda call: numeric(U32, map_numbers(strings(call.columns[0]), of_bytes))


def _hash_128(of_texts: Callable[[Texts], tuple[Hashes, Hashes]]) -> Kernel:
    """Return the kernel of a hash of two words, the low one first."""

    def kernel(call: Call) -> Column:
        low, high = of_texts(texts_of(strings(call.columns[0])))
        data = np.stack([low, high], axis=1).astype("<u8").view(np.uint8)
        return FixedStringColumn(FixedStringType(16), data)

    return kernel


def _declare(
    name: str, args: tuple[Arg, ...], result: DataType, kernel: Kernel, help_text: str, example: str
) -> ScalarFunction:
    """Declare one function of this file."""
    return ScalarFunction(
        name=name,
        family="hash",
        args=args,
        result=result,
        kernel=kernel,
        help=help_text,
        example=f"SELECT {example}",
        is_case_insensitive=name.startswith(("CRC", "MD5", "SHA")),
    )


TEXT_ARG = (Arg("text", TEXT_KIND),)

FUNCTIONS: tuple[ScalarFunction, ...] = (
    *(
        ScalarFunction(
            name=name,
            family="hash",
            args=(Arg("value", ANY, is_optional=True, is_repeated=True),),
            result=_hashable_type(algorithm.bits),
            kernel=_hash_any(algorithm),
            help=f"A hash of all values: {label}.",
            example=f"SELECT {name}('abc', 1)",
        )
        for name, algorithm, label in ALGORITHMS
    ),
    *(
        _declare(
            name,
            TEXT_ARG,
            FixedStringType(width),
            _digest(width, make),
            f"The digest {name} of a text, {width} bytes.",
            f"hex({name}('abc'))",
        )
        for name, width, make in DIGESTS
    ),
    _declare(
        "murmurHash3_128",
        TEXT_ARG,
        FixedStringType(16),
        _hash_128(murmur3_128),
        "MurmurHash3 of a text, 16 bytes.",
        "hex(murmurHash3_128('abc'))",
    ),
    _declare(
        "sipHash128",
        TEXT_ARG,
        FixedStringType(16),
        _hash_128(sip_hash_128),
        "SipHash of a text, 16 bytes.",
        "hex(sipHash128('abc'))",
    ),
    _declare(
        "intHash32",
        (Arg("value", INDEX),),
        U32,
        _int_hash(int_hash_32),
        "A hash of an integer in 32 bits.",
        "intHash32(1)",
    ),
    _declare(
        "intHash64",
        (Arg("value", INDEX),),
        U64,
        _int_hash(int_hash_64),
        "A hash of an integer in 64 bits.",
        "intHash64(1)",
    ),
    _declare(
        "CRC32", TEXT_ARG, U32, _checksum(zlib.crc32), "The checksum of zlib.", "CRC32('abc')"
    ),
    _declare(
        "CRC32IEEE",
        TEXT_ARG,
        U32,
        _checksum(_crc32_ieee),
        "The checksum CRC-32-IEEE 802.3.",
        "CRC32IEEE('abc')",
    ),
)
