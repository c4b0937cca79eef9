"""The table of faults is true: every test it names is one that pytest collects, and no fault is there twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gpu_etl_tests.faults.matrix import MATRIX

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def collected(request: pytest.FixtureRequest) -> dict[str, list[pytest.Item]]:
    """What pytest collects in the modules that the table names: by node id, and by the test's without its cases."""
    found: dict[str, list[pytest.Item]] = {}
    for name in {driver.partition("::")[0] for fault in MATRIX for driver in fault.drivers}:
        for item in items_of(request.session, TESTS / name):
            found.setdefault(f"{name}::{item.name}", []).append(item)
            if "[" in item.name:
                found.setdefault(f"{name}::{item.name.partition('[')[0]}", []).append(item)
    return found


def items_of(session: pytest.Session, path: Path) -> Iterator[pytest.Item]:
    """The tests of a module, as pytest itself makes them of it, cases and marks included."""
    module: pytest.Module = pytest.Module.from_parent(session, path=path)
    return (item for item in module.collect() if isinstance(item, pytest.Item))


def test_every_fault_is_driven_by_tests_that_there_are(collected: dict[str, list[pytest.Item]]) -> None:
    missing = [(fault.number, driver) for fault in MATRIX for driver in fault.drivers if driver not in collected]
    assert missing == []


def test_the_numbers_run_on_and_no_fault_is_there_twice() -> None:
    assert [fault.number for fault in MATRIX] == list(range(1, len(MATRIX) + 1))
    assert [what for what, times in Counter(fault.what for fault in MATRIX).items() if times > 1] == []
    assert all(fault.drivers and fault.outcome for fault in MATRIX)


def test_how_many_there_are(
    collected: dict[str, list[pytest.Item]], record_property: Callable[[str, str], None]
) -> None:
    """Counted where the tests are known, and told at the end of the run (``conftest``)."""

    def by_default(driver: str) -> bool:
        return any(item.get_closest_marker("exhaustive") is None for item in collected[driver])

    default = sum(any(map(by_default, fault.drivers)) for fault in MATRIX)
    assert default >= 60
    told = f"fault matrix: {len(MATRIX)} faults, {default} driven by default, {len(MATRIX)} in make test-all"
    record_property("told at the end", told)
