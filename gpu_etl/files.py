"""Files that are written: whole or not at all, and for their owner only.

Belongs here: that. Does not belong here: what is in them.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """A new file beside ``path``, mode 0600, that takes its place once the block has ended and it is on the disk.

    A link stays, and what it leads to is replaced; a device or a pipe, as ``/dev/stdout`` may be, is written to.

    Raises:
        OSError: it names the folder that cannot be written, or the file.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        with path.open("wb") as file:
            yield file
        return
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path.parent)) from None
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
