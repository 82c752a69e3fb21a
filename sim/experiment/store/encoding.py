"""Bytes and hashes: Parquet with page checksums, JSON that notices a change, content of tables."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet

from sim.errors import MihError

CHECK = "check"
"""Key of a JSON file that holds the hash of all its other keys."""


class DamagedError(MihError):
    """A stored file is not what was written."""

    exit_code: ClassVar[int] = 1


def sha256(data: bytes) -> str:
    """Return the sha256 of some bytes, in hex."""
    return hashlib.sha256(data).hexdigest()


def canonical(value: object) -> bytes:
    """Return the one JSON text of a value. Raises ValueError for NaN and infinity."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def json_bytes(value: dict[str, Any]) -> bytes:
    """Return a JSON file for people and programs, with a key that holds its own hash."""
    whole = {**value, CHECK: sha256(canonical(value))}
    return (json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode()


def read_json(path: Path) -> dict[str, Any] | None:
    """Return the content of a file made by `json_bytes`, None if it is not there.

    Raises DamagedError if a single character of it has changed.
    """
    try:
        data = path.read_bytes()
        found = json.loads(data)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, RecursionError) as error:
        raise DamagedError(f"{path}: damaged") from error
    value = (
        {key: item for key, item in found.items() if key != CHECK}
        if isinstance(found, dict)
        else {}
    )
    if not value or data != json_bytes(value):
        raise DamagedError(f"{path}: damaged")
    return value


def differences(old: Any, new: Any, name: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield where two JSON values differ: dotted name, what was there, what is there now."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in [*new, *(key for key in old if key not in new)]:
            yield from differences(old.get(key), new.get(key), f"{name}.{key}".lstrip("."))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for place, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from differences(one, other, f"{name}.{place}")
    elif old != new:
        yield name, old, new


def parquet_bytes(table: pa.Table) -> bytes:
    """Return a table as Parquet: zstd, a checksum for each page, nothing but content."""
    stream = pa.BufferOutputStream()
    words = [field.name for field in table.schema if not pa.types.is_primitive(field.type)]
    pa.parquet.write_table(
        table, stream, compression="zstd", use_dictionary=words, write_page_checksum=True
    )
    data: bytes = stream.getvalue().to_pybytes()
    return data


def parquet_table(data: bytes, where: Path) -> pa.Table:
    """Return the table in some bytes, checking every page. Raises DamagedError."""
    try:
        return pa.parquet.read_table(pa.BufferReader(data), page_checksum_verification=True)
    except (OSError, pa.ArrowException) as error:
        reason = " ".join(str(error).split())[:200]
        raise DamagedError(f"{where}: damaged ({reason})") from error


def written_out(column: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray | pa.Array:
    """Return a column whose words are written out, not numbers of a dictionary."""
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def columns_hash(table: pa.Table) -> str:
    """Return the sha256 of the content of a table: names, types, nulls and values.

    It does not depend on how a version of Parquet happens to encode them.
    """
    digest = hashlib.sha256()
    for field, chunks in zip(table.schema, table.columns, strict=True):
        column, kind = chunks.combine_chunks(), field.type
        if pa.types.is_dictionary(kind):
            column, kind = column.dictionary_decode(), kind.value_type
        digest.update(f"{field.name}\0{kind}\0{len(column)}\0".encode())
        digest.update(_nulls(column))
        known = column.drop_null() if column.null_count else column
        if pa.types.is_string(kind):
            words = [word.encode() for word in known.to_pylist()]
            digest.update(np.array([len(word) for word in words], "<i8").tobytes())
            digest.update(b"".join(words))
        else:
            values = known.to_numpy(zero_copy_only=False)
            digest.update(values.astype(values.dtype.newbyteorder("<"), copy=False).tobytes())
    return digest.hexdigest()


def _nulls(column: pa.Array) -> bytes:
    """Return a byte for each value of a column: 1 where it is null."""
    return np.asarray(column.is_null()).tobytes() if column.null_count else bytes(len(column))
