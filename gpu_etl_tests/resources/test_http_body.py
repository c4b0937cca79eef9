"""Bodies: compressed, damaged, too large, too slow."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Callable

import pytest
import requests
import urllib3

from gpu_etl.resources.http import TimedOut, TooLarge, Truncated, Undecodable
from gpu_etl.resources.http_body import read_body
from gpu_etl_tests.resources.http_fakes import Clock

TEXT = b"".join(b"%d GeForce RTX 4070\n" % number for number in range(500))


def bare_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def read(raw: bytes, encoding: str = "", *, max_bytes: int = 1_000_000, headers: dict[str, str] | None = None) -> bytes:
    adapter = requests.adapters.HTTPAdapter()
    request = requests.Request("GET", "http://shop.test/").prepare()
    response = adapter.build_response(
        request,
        urllib3.HTTPResponse(
            io.BytesIO(raw), headers={"Content-Encoding": encoding, **(headers or {})}, preload_content=False
        ),
    )
    clock = Clock()
    return read_body(response, "http://shop.test/", max_bytes=max_bytes, ends=clock.time, monotonic=clock.monotonic)


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [
        ("", bytes),
        ("identity", bytes),
        ("gzip", gzip.compress),
        ("X-GZIP", gzip.compress),
        ("deflate", zlib.compress),
        ("deflate", bare_deflate),
        ("gzip", lambda data: gzip.compress(data[:100]) + gzip.compress(data[100:])),
    ],
)
def test_whole_bodies(encoding: str, pack: Callable[[bytes], bytes]) -> None:
    assert read(pack(TEXT), encoding) == TEXT


@pytest.mark.parametrize("encoding", ["gzip", "deflate", ""])
def test_an_empty_body_is_empty_whatever_its_encoding(encoding: str) -> None:
    assert read(b"", encoding) == b""


# Without the time, which would be another one in each process that collects the tests.
GZIPPED = gzip.compress(TEXT, mtime=0)


@pytest.mark.parametrize(("encoding", "packed"), [("gzip", GZIPPED), ("deflate", zlib.compress(TEXT))])
def test_a_stream_cut_anywhere_is_truncated(encoding: str, packed: bytes) -> None:
    for cut in (1, 5, 11, len(packed) // 3, len(packed) * 2 // 3, len(packed) - 9, len(packed) - 1):
        with pytest.raises(Truncated):
            read(packed[:cut], encoding)


def test_a_flipped_bit_does_not_pass_the_checksum() -> None:
    packed = bytearray(gzip.compress(TEXT))
    packed[-6] ^= 1
    with pytest.raises(Truncated, match="damaged"):
        read(bytes(packed), "gzip")


def test_an_encoding_nobody_asked_for() -> None:
    with pytest.raises(Undecodable, match="'br'"):
        read(b"x", "br")


def test_limits_on_the_wire_and_after() -> None:
    assert len(read(b"x" * 1000, max_bytes=1000)) == 1000
    with pytest.raises(TooLarge, match="more than 1000 bytes"):
        read(b"x" * 1001, max_bytes=1000)
    with pytest.raises(TooLarge, match="announces 5000000000"):
        read(b"x", max_bytes=1000, headers={"Content-Length": "5000000000"})


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress])
def test_a_bomb_is_stopped_and_its_neighbour_is_not(pack: Callable[[bytes], bytes]) -> None:
    encoding = "gzip" if pack is gzip.compress else "deflate"
    assert read(pack(b" " * 100_000), encoding, max_bytes=100_000) == b" " * 100_000
    with pytest.raises(TooLarge, match="decompressed"):
        read(pack(b" " * 100_001), encoding, max_bytes=100_000)


def test_a_body_that_goes_on_past_the_deadline() -> None:
    class Drip(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            clock.time += 1
            return super().read1(10)

    clock = Clock()
    request = requests.Request("GET", "http://shop.test/").prepare()
    raw = urllib3.HTTPResponse(Drip(TEXT), preload_content=False)
    response = requests.adapters.HTTPAdapter().build_response(request, raw)
    with pytest.raises(TimedOut, match=r"\(60 bytes came\)"):
        read_body(response, "http://shop.test/", max_bytes=10**6, ends=clock.time + 5, monotonic=clock.monotonic)
