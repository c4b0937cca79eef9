"""Dumps and archive answers of our own making."""

from __future__ import annotations

import io
import json
import random
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
import zstandard

from gpu_etl.sources import reddit_arctic, reddit_dump
from gpu_etl.sources.pages import LayoutChanged
from gpu_etl.sources.reddit_arctic import ArchiveError
from gpu_etl.sources.reddit_dump import DumpError

START = 1_772_000_000


def row(number: int, subreddit: str = "nvidia", **changes: Any) -> dict[str, Any]:
    return {
        "author": "somebody",
        "created_utc": START + number,
        "id": f"p{number:05d}",
        "num_comments": 2,
        "score": 5,
        "selftext": "",
        "subreddit": subreddit,
        "title": f"post &amp; {number}",
        **changes,
    }


def packed(*lines: dict[str, Any] | str, ending: str = "\n", **options: Any) -> bytes:
    texts = (line if isinstance(line, str) else json.dumps(line, separators=(",", ":")) for line in lines)
    return zstandard.ZstdCompressor(**options).compress(("\n".join(texts) + ending).encode())


def read(data: bytes, *names: str, **options: Any) -> list[reddit_dump.Batch]:
    return list(reddit_dump.read(io.BytesIO(data), names or ("nvidia",), **options))


def ids(batches: list[reddit_dump.Batch]) -> list[str]:
    return [post.post_id for batch in batches for post in batch.posts]


def test_only_the_wanted_subreddits_are_read_in_any_case() -> None:
    data = packed(row(1), row(2, "aww"), row(3, "NVIDIA"), row(4, "nvidia_memes"), row(5, "Amd"))
    batches = read(data, "Nvidia", "amd")
    assert ids(batches) == ["p00001", "p00003", "p00005"]
    post = batches[0].posts[0]
    assert (post.title, post.read_from, post.score) == ("post & 1", "dump", 5)
    assert post.url == "https://www.reddit.com/r/nvidia/comments/p00001/"
    assert "somebody" not in repr(post)


def test_the_post_that_a_crosspost_repeats_is_not_taken_for_it() -> None:
    repeated = row(9, "nvidia")
    data = packed(row(1, "aww", crosspost_parent="t3_p00009", crosspost_parent_list=[repeated]), row(2))
    assert ids(read(data)) == ["p00002"]


def test_numbers_as_text_and_spaces_after_colons_are_read() -> None:
    line = json.dumps(row(1, created_utc=str(START)))
    assert ids(read(packed(line))) == ["p00001"]


def test_frames_with_a_long_window_and_several_frames_are_read() -> None:
    parameters = zstandard.ZstdCompressionParameters.from_level(3, window_log=28, enable_ldm=True)
    data = packed(row(1), compression_params=parameters) + packed(row(2))
    assert ids(read(data)) == ["p00001", "p00002"]


def test_bad_rows_are_refused_by_name_and_the_rest_is_read() -> None:
    batches = read(packed('{"subreddit":"nvidia", oops', row(1, created_utc=None), row(2)))
    assert ids(batches) == ["p00002"]
    assert [refusal.subject for batch in batches for refusal in batch.refusals] == ["line", "p00001"]


@pytest.mark.parametrize("change", [{"_meta": {"was_deleted_later": True}}, {"selftext": "[removed]"}])
def test_what_was_taken_down_comes_without_its_text(change: dict[str, Any]) -> None:
    (post,) = read(packed(row(1, **change)))[0].posts
    assert (post.removed, post.title, post.url) == (True, "", "")


def test_a_reading_resumes_where_it_stopped() -> None:
    data = packed(*(row(n, "nvidia" if n % 3 else "aww") for n in range(100)))
    batches = read(data, block=1000)
    assert len(batches) > 5
    for stopped in (batches[0], batches[len(batches) // 2]):
        before = [post.post_id for batch in batches if batch.end <= stopped.end for post in batch.posts]
        assert before + ids(read(data, start=stopped.end, block=700)) == ids(batches)
    assert read(data, start=batches[-1].end) == []


def test_lines_longer_than_a_block_are_read_whole() -> None:
    data = packed(*(row(n, selftext="x" * 500 * n) for n in range(9)))
    assert [post for batch in read(data, block=64) for post in batch.posts] == read(data)[0].posts


def test_a_last_line_without_its_end_is_read_when_it_is_whole() -> None:
    assert ids(read(packed(row(1), row(2), ending=""))) == ["p00001", "p00002"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (packed('{"subreddit":"nvidia","id":"c1","link_id":"t3_p1","body":"no"}'), "comments"),
        (b"PK\x03\x04 something", "not a zstandard file"),
        (packed('{"subreddit":"nvidia","id":"p0', ending=""), "ends within a line"),
        (packed(*(row(n) for n in range(9)))[:4] + b"\xff" * 50, "damaged"),
    ],
)
def test_anything_but_a_whole_dump_is_named(data: bytes, reason: str) -> None:
    with pytest.raises(DumpError, match=reason):
        read(data)


def test_a_file_cut_off_in_transfer_is_not_taken_for_a_whole_one() -> None:
    data = packed(*(row(n, selftext=f"{n * 7919}" * 50) for n in range(5000)))
    with pytest.raises(DumpError):
        read(data[: len(data) // 2])


def varied(count: int) -> bytes:
    """Rows with texts about as compressible as real ones, one in a hundred of them wanted."""
    dice = random.Random(1)
    return packed(
        *(row(n, "nvidia" if n % 100 == 0 else "aww", selftext=dice.randbytes(600).hex()) for n in range(count))
    )


@pytest.mark.slow
def test_a_large_dump_is_read_at_half_the_speed_of_bare_splitting() -> None:
    data = varied(20_000)

    def bare() -> None:
        rest = b""
        with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(data)) as reader:
            while piece := reader.read(2**20):
                *_, rest = (rest + piece).split(b"\n")

    def timed(work: Callable[[], object]) -> float:
        start = time.process_time()
        work()
        return time.process_time() - start

    assert min(timed(bare) for _ in range(5)) / min(timed(lambda: read(data)) for _ in range(5)) >= 0.5


def test_memory_stays_flat() -> None:
    peaks = []
    for count in (4_000, 12_000):
        data = varied(count)
        tracemalloc.start()
        for batch in reddit_dump.read(io.BytesIO(data), ["nvidia"]):
            assert batch.end
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.5 * peaks[0] + 1_000_000


def test_an_archive_answer_is_read_and_says_where_to_go_on() -> None:
    page = reddit_arctic.parse({"data": [row(1), row(2), row(3, created_utc=None)]})
    assert [post.post_id for post in page.posts] == ["p00001", "p00002"]
    assert (page.posts[0].read_from, page.after) == ("arctic_shift", str(START + 2))
    assert page.refusals[0].subject == "p00003"


def test_an_empty_archive_answer_is_the_end() -> None:
    assert reddit_arctic.parse({"data": []}) == ([], [], None)


@pytest.mark.parametrize("said", ["Slow down a little", "Query timed out", "Under maintenance"])
def test_what_the_archive_says_is_an_error_even_with_status_200(said: str) -> None:
    with pytest.raises(ArchiveError, match=said):
        reddit_arctic.parse({"data": None, "error": said})


@pytest.mark.parametrize("answer", [None, [], {}, {"data": None}, {"data": [{"id": "p1"}]}, {"data": ["x"]}])
def test_any_other_answer_of_the_archive_is_named(answer: Any) -> None:
    with pytest.raises(LayoutChanged):
        reddit_arctic.parse(answer)
