"""Importing a dump of a million posts: ours against the bare loop that decompresses the same file and splits its lines.

Belongs here: making the file, both ways, memory. Does not belong here: the import.

The file is what a month of all Reddit is like: of a thousand posts one is of a subreddit that is wanted. The posts are
the real ones beside the project where they are there, else simulated ones.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import zstandard

from benchmarks.ratios import Ratio, in_turn, processor_seconds, seconds
from gpu_etl.assets.dumps import DumpImport
from gpu_etl.database import Database, open_database
from gpu_etl.database.embedded import EmbeddedServer
from gpu_etl.market.signals import load_rules
from gpu_etl.settings import Settings, load_settings

LINES = 1_000_000
ONE_IN = 1_000
START = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
REAL = Path(__file__).resolve().parents[2] / "shared" / "data" / "reddit" / "gpu_posts.ndjson"
Clock = Callable[[Callable[[], object]], float]
MORE_MEMORY = 1.25
"""How much more memory ten times the posts may take, at most."""


def measure() -> list[Ratio]:
    """The whole import into an empty database against the bare loop; and memory of 1 M lines against 0.1 M.

    The time that the import waits for PostgreSQL is in the first ratio only; other work on the machine is, too.
    """
    with _workshop() as (folder, database, settings):
        small, large = folder / "small.zst", folder / "RS_2026-03.zst"
        _write(small, LINES // 10)
        _write(large, LINES)

        def ours(path: Path = large, clock: Clock = seconds) -> float:
            _empty(database)
            work = DumpImport(database, settings, load_rules())
            taken = clock(lambda: work.load(path))
            assert work.summary.posts == work.summary.inserted > 0
            return taken

        ours(small)
        before = _peak()
        name = "1 M dump lines imported, against decompress and split"
        speed = in_turn(name, ours, lambda: _bare(large), goal=0.5, speed=True, rounds=5)
        work = in_turn(
            f"{name}, in processor time", lambda: ours(clock=processor_seconds),
            lambda: _bare(large, processor_seconds), goal=0.5, speed=True, rounds=5,
        )  # fmt: skip
        growth = _peak() / before
    memory = Ratio("peak memory, 1 M dump lines against 0.1 M", growth, MORE_MEMORY, False, (growth, growth))
    return [speed, work, memory]


def _bare(path: Path, clock: Clock = seconds) -> float:
    def loop() -> int:
        lines, rest = 0, b""
        with path.open("rb") as file, zstandard.ZstdDecompressor(max_window_size=2**31).stream_reader(file) as reader:
            while piece := reader.read(2**20):
                parts = (rest + piece).split(b"\n")
                rest = parts.pop()
                lines += len(parts)
        return lines

    return clock(loop)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _write(path: Path, lines: int) -> None:
    """Posts under new ids and times, spread over a month in the order of time, as dumps are."""
    heads, tails = zip(*(_cut(post) for post in _posts()), strict=True)
    step = 31 * 86400 / lines
    with path.open("wb") as file, zstandard.ZstdCompressor(level=3).stream_writer(file) as writer:
        block = []
        for number in range(lines):
            wanted = number % ONE_IN == 7
            middle = b'"created_utc":%d,"id":"%s","subreddit":"%s"' % (
                START + int(number * step),
                _base36(number).encode(),
                b"nvidia" if wanted else b"AskReddit",
            )
            block += [heads[number % len(heads)], middle, tails[number % len(tails)]]
            if len(block) > 30_000:
                writer.write(b"".join(block))
                block = []
        writer.write(b"".join(block))


def _posts() -> list[dict[str, object]]:
    if REAL.exists():
        return [json.loads(line) for line in REAL.read_text(encoding="utf-8").splitlines()]
    from random import Random

    from gpu_etl.demo.talk import write_day

    talks = [talk for seed in range(30) for talk in write_day(Random(seed), date(2026, 3, 1), 0, ZoneInfo("UTC"))]
    return [
        {"title": talk.title, "selftext": talk.body, "score": talk.score, "num_comments": talk.comments}
        for talk in talks
    ]


def _cut(post: dict[str, object]) -> tuple[bytes, bytes]:
    kept = {name: post[name] for name in ("num_comments", "score", "selftext", "title")}
    return b'{"author":"x",', b"," + json.dumps(kept, separators=(",", ":")).encode()[1:] + b"\n"


def _base36(number: int) -> str:
    digits, number = "", number + 36**5
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def _empty(database: Database) -> None:
    names = "reddit_posts, searched_posts, market_signals, chipset_mentions, reddit_readings, source_coverage"
    database.run(lambda connection: connection.execute(f"truncate {names}"))


@contextmanager
def _workshop() -> Iterator[tuple[Path, Database, Settings]]:
    folder = Path(tempfile.mkdtemp(prefix="gpu-etl-bench-"))
    folder.chmod(0o711)
    settings = load_settings(gpu_etl_home=folder, database_url=None, reddit_subreddits="nvidia", _env_file=None)
    database = open_database(settings)
    try:
        yield folder, database, settings
    finally:
        database.close()
        EmbeddedServer(folder).remove()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    results = measure()
    for result in results:
        print(json.dumps(result.as_dict()), result.spread)
    sys.exit(0 if all(result.is_ok for result in results) else 1)
