"""Disks of a test's own: small ones, full ones, and ones that nobody may write to.

Belongs here: mounting, filling, unmounting. Does not belong here: what a test expects. Only root may mount; without it
a test that needs a disk is skipped with that reason.
"""

from __future__ import annotations

import errno
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def tmpfs(size: str) -> Iterator[Path]:
    """A disk of ``size`` (as ``mount -o size=`` takes it) in memory that every account can reach."""
    disk = Path(tempfile.mkdtemp(prefix="gpu-etl-disk-"))
    try:
        mounted = mount("-t", "tmpfs", "-o", f"size={size},mode=0711", "tmpfs", str(disk))
        if mounted.returncode:
            pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
        try:
            yield disk
        finally:
            subprocess.run(["umount", "--lazy", str(disk)], check=True)
    finally:
        disk.rmdir()


def mount(*arguments: str) -> subprocess.CompletedProcess[str]:
    """``mount``, whether or not it works."""
    try:
        return subprocess.run(["mount", *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return subprocess.CompletedProcess(["mount"], 1, "", "there is no mount command")


@contextmanager
def read_only(disk: Path) -> Iterator[None]:
    """Nobody may write to the disk in the block."""
    assert mount("-o", "remount,ro", str(disk)).returncode == 0
    try:
        yield
    finally:
        mount("-o", "remount,rw", str(disk))


@contextmanager
def filled_up(disk: Path) -> Iterator[None]:
    """There is no room left on the disk in the block."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        piece = 1 << 20
        while piece >= 512:
            try:
                file.write(b"x" * piece)
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
                piece //= 2
    try:
        yield
    finally:
        filler.unlink()
