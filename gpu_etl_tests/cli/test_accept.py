"""``gpu-etl accept``: a person's word counts for a day that was crawled, and for no other."""

from __future__ import annotations

from datetime import timedelta

from gpu_etl.database import Database, records
from gpu_etl_tests.assets.stored import DAY, store
from gpu_etl_tests.cli.test_backup import Say
from gpu_etl_tests.cli.test_backup import say as say
from gpu_etl_tests.cli.test_usage import _in_a_place_of_its_own as _in_a_place_of_its_own


def test_only_a_day_of_a_source_that_is_stored_is_vouched_for(say: Say, database: Database) -> None:
    store(database, "list", ("http://127.0.0.1/list", b"<html></html>"))
    for day, source in ((DAY + timedelta(days=1), "danawa"), (DAY, "danwa")):
        says = f"gpu-etl: no stored crawl of {source} on {day}: there is nothing to vouch for\n"
        assert say("accept", str(day), "--why", "I looked", "--source", source) == (1, "", says)
        assert database.run(lambda c, of=(source, day): records.accepted_because(c, *of)) is None  # type: ignore[misc]
    code, output, errors = say("accept", str(DAY), "--why", "I looked")
    assert (code, errors) == (0, "")
    assert output == f"danawa {DAY} is accepted; publish it from its stored pages: gpu-etl rebuild {DAY}\n"
    assert database.run(lambda c: records.accepted_because(c, "danawa", DAY)) == "I looked"
