"""Scripts, styles and plotly.js as they are sent: compressed once, named by their content, kept by the browser.

Belongs here: static files. Does not belong here: pages.

plotly.js is the file inside the ``plotly`` wheel: nothing is fetched from elsewhere, nothing is vendored. It is 4.8 MB
as it is and 1.4 MB compressed, so it is compressed once and kept under ``GPU_ETL_HOME/cache``.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
PLOTLY = "plotly.js"
FOREVER = "public, max-age=31536000, immutable"
WORTH_COMPRESSING = (".css", ".js", ".svg")


@dataclass(frozen=True)
class File:
    """One file as it is sent."""

    name: str
    body: bytes
    compressed: bytes | None

    @cached_property
    def version(self) -> str:
        """Changes with the content: part of the file's address, so that browsers may keep it for ever."""
        return hashlib.sha256(self.body).hexdigest()[:12]

    @property
    def address(self) -> str:
        """Where pages ask for it."""
        return f"/static/{self.name}?v={self.version}"


class Files:
    """All files, each read once."""

    def __init__(self, cache_folder: Path) -> None:
        self._cache_folder = cache_folder
        self._find: Callable[[str], File | None] = cache(self._read)

    def address(self, name: str) -> str:
        """The address of a file that is there."""
        file = self._find(name)
        if file is None:
            raise KeyError(name)
        return file.address

    def answer(self, request: Request) -> Response:
        """Send a file; 304 where the browser has it."""
        file = self._find(request.path_params["name"])
        if file is None:
            return PlainTextResponse("no such file\n", 404)
        headers = {
            "ETag": f'"{file.version}"',
            "Vary": "Accept-Encoding",
            "Cache-Control": FOREVER if request.query_params.get("v") == file.version else "no-cache",
            "Content-Type": KINDS[Path(file.name).suffix],
        }
        if f'"{file.version}"' in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        if file.compressed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(file.compressed, headers={**headers, "Content-Encoding": "gzip"})
        return Response(file.body, headers=headers)

    def _read(self, name: str) -> File | None:
        if name == PLOTLY:
            body = _plotly()
            return File(name, body, self._compressed_plotly(body))
        if not re.fullmatch(r"[a-z0-9_-]+\.[a-z]+", name) or Path(name).suffix not in KINDS:
            return None
        path = resources.files("gpu_etl.dashboard").joinpath("static", name)
        if not path.is_file():
            return None
        body = path.read_bytes()
        return File(name, body, gzip.compress(body, 9, mtime=0) if Path(name).suffix in WORTH_COMPRESSING else None)

    def _compressed_plotly(self, body: bytes) -> bytes:
        """plotly.js compressed, which takes a second of work: once an installed version."""
        kept = self._cache_folder / f"plotly-{hashlib.sha256(body).hexdigest()[:12]}.js.gz"
        if kept.is_file():
            return kept.read_bytes()
        compressed = gzip.compress(body, 9, mtime=0)
        self._cache_folder.mkdir(parents=True, exist_ok=True)
        handle, part = tempfile.mkstemp(dir=self._cache_folder)
        with os.fdopen(handle, "wb") as file:
            file.write(compressed)
        Path(part).replace(kept)
        return compressed


def _plotly() -> bytes:
    return resources.files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()


@cache
def plotly_style_ids() -> list[str]:
    """Ids under which plotly.js looks for style elements of its own before it makes them.

    Made at run time they would be inline styles, which our policy forbids; pages hold elements with these ids instead.
    """
    return sorted(set(re.findall(r'getElementById\("([0-9a-f]{64})"\)', _plotly().decode("utf-8"))))
