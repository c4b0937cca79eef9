"""Files that are written: what stays where the place is a link or a device, and which folder an error names."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from gpu_etl.files import written_whole


def write(path: Path, body: bytes) -> None:
    with written_whole(path) as file:
        file.write(body)


def test_a_folder_that_is_not_there_is_named_itself(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as raised:
        write(tmp_path / "none" / "report.html", b"")
    assert raised.value.filename == str(tmp_path / "none")


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    write(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == b"new"


def test_a_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    write(pipe, b"through")
    reader.join(timeout=10)
    assert got == [b"through"]
    assert pipe.is_fifo()
