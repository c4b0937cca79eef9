"""Bodies of raw pages outside of the database: in a folder, or in an S3-compatible store.

Belongs here: writing, reading and deleting them at the addresses that ``RAW_PAGES_STORE`` begins. Does not belong here:
which pages (``pages``).

Each body has the name of its digest, so writing it again changes nothing and a damaged one is noticed. One that no row
names any more, because its transaction was rolled back, is harmless; a store's own life-cycle rule may delete by age.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date
from typing import Any, TypeVar
from urllib.parse import quote

from gpu_etl.database.errors import DatabaseError

T = TypeVar("T")


def put(store: str, source: str, day: date, digest: str, packed: bytes) -> str:
    """Write a body; returns its address.

    Raises:
        DatabaseError: it cannot be written; one line that names the address.
    """
    address = f"{store.rstrip('/')}/{quote(source, safe='')}/{day}/{digest}.zst"

    def write(files: Any, path: str) -> None:
        if "s3" not in files.protocol:  # it has no folders: this would look for the bucket at each page, and make it
            files.makedirs(path.rpartition("/")[0], exist_ok=True)
        files.pipe_file(path, packed)

    _at(address, write, "write")
    return address


def get(address: str) -> bytes:
    """Read a body.

    Raises:
        DatabaseError: it cannot be read; one line that names the address.
    """
    return bytes(_at(address, lambda files, path: files.cat_file(path), "read"))


def delete(addresses: Iterable[str]) -> None:
    """Delete bodies; those that are gone already do not matter."""

    def remove(files: Any, path: str) -> None:
        with suppress(FileNotFoundError):
            files.rm_file(path)

    for address in addresses:
        _at(address, remove, "delete")


def _at(address: str, work: Callable[[Any, str], T], what: str) -> T:
    try:
        import fsspec  # a third of a second; only who keeps pages elsewhere pays it

        return work(*fsspec.url_to_fs(address))
    except Exception as error:  # each kind of store has errors of its own: botocore's are not OSError
        raise DatabaseError(f"RAW_PAGES_STORE: cannot {what} {address}: {error}") from None
