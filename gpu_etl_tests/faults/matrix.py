"""The faults that were thought of: what happens, what comes of it, and the tests that make it happen.

Belongs here: the table, and its page in the docs (made by ``make docs``).
Does not belong here: committing a fault (the tests that a row names), or checking the table (``test_matrix``).

The rule for every row: the true rows are published, or there is one line that names what is wrong, nothing of the day
is published, the last good day stays, and the next run heals it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

TRUE = "the true rows"


@dataclass(frozen=True, slots=True)
class Fault:
    """One row. ``drivers`` are node ids below ``gpu_etl_tests``; without brackets all cases of that test."""

    number: int
    area: str
    what: str
    outcome: str
    drivers: tuple[str, ...]


def _sites(*cases: str) -> tuple[str, ...]:
    test = "endtoend/test_faults.py::test_a_fault_gives_the_true_rows_or_publishes_nothing"
    return tuple(f"{test}[{case}]" for case in cases)


def _tests(module: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{module}.py::test_{name}" for name in names)


_LIST = "sources/test_danawa_list"
_PAGES = "faults/test_pages"
_NETWORK = "faults/test_network"
_WAY = "a_way_that_leads_nowhere_is_a_named_failure"
_ODD = "what_is_odd_in_a_page_does_not_change_its_prices"
_DATABASE = "faults/test_database"
_MACHINE = "faults/test_machine"
_UNREADABLE = "a_file_that_cannot_be_read_is_one_line"
_KILLED = "faults/test_killed"
_GAPS = "schedules/test_gaps"
_REDDIT = "resources/test_reddit_replay"
_COLLECTING = "assets/test_community_collecting"
_DELIVERY = "resources/test_delivery"
_BACKUP = "cli/test_backup"
_EMBEDDED = "database/test_embedded"

NOTHING = "a line naming it, nothing published, the last good day stays, the next run heals it"
ONE_LINE = "one line on standard error, exit code 1, nothing begun"

_ROWS: list[tuple[str, list[tuple[str, str, tuple[str, ...]]]]] = [
    (
        "Values",
        [
            ("a price that is 0, negative, a fraction or empty", "quarantine, never a price; where most are so, " + NOTHING,
             (*_tests(_LIST, "what_is_no_price_is_refused_and_unknown", "a_number_that_is_no_price_is_refused"), *_sites("price-zero-old", "price-zero-next"))),
            ("a price in another currency than expected", "kept in its own currency, never mixed with won",
             _tests("sources/test_jsonld", "offers_in_several_currencies_are_suspect_and_never_mixed") + _tests("endtoend/test_shops", "offers_keep_their_own_currency_and_become_cards")),
            ("every price ten times too high", NOTHING, _sites("price-x10-old", "price-x10:/list/-old")),
            ("one page of prices ten times too high", TRUE + "; those prices are held as suspect", _sites("price-x10:page=2-old")),
            ("one shop alone far below the others", "held as suspect until a second day or shop confirms it; on every row: not published",
             _sites("one-seller-dip-old", "one-seller-dip:page=2-old")),
            ("an amount written in another country's way (1.299,00)", "read by the source's rule, or refused where it is ambiguous",
             _tests("sources/test_jsonld", "amounts_become_minor_units_or_nothing")),
            ("sold out, announced or suspended instead of a price", "no price, and the state", _tests(_LIST, "a_status_word_is_a_state_without_a_price")),
            ("a listing that comes twice, at two prices", "one row; the second price is refused", (*_tests(_LIST, "a_row_that_comes_twice_counts_once_and_a_second_price_is_refused"), *_sites("duplicate-rows-old"))),
            ("a list that moves on while it is paged", TRUE, _sites("shifting-list-old")),
            ("NUL in a title", TRUE, (*_sites("nul-in-title-old"), *_tests("database/test_bulk", "bytes_and_odd_text_come_back_as_they_were"))),
            ("a lone surrogate in a title", TRUE, (*_tests(_PAGES, _ODD + "[a lone surrogate]"), *_tests(_LIST, "a_lone_surrogate_in_the_pushed_json_is_dropped"))),
            ("control characters in a title", TRUE, _tests(_PAGES, _ODD + "[control characters]")),
            ("text that runs backwards in a title", TRUE, _tests(_PAGES, _ODD + "[text that runs backwards]")),
            ("SQL in a title", TRUE + "; stored as text", _sites("sql-in-title-old")),
            ("a script in a title", TRUE + "; escaped wherever it is shown", (*_sites("script-in-title-old"), *_tests("offline/test_offline", "strangers_words_are_text_and_nothing_is_asked_for"))),
            ("a formula in a title", "text in CSV for a spreadsheet", _tests("cli/test_export", "what_a_spreadsheet_would_run_is_text_to_it")),
            ("a title of two thousand letters", TRUE + "; the title bounded, the page kept whole", _tests(_PAGES, _ODD + "[a title of two thousand letters]")),
            ("a title of a megabyte", TRUE + "; the title bounded", _tests(_PAGES, _ODD + "[a title of a megabyte]")),
            ("a date from the future, or none", "the post is refused and counted as unread", _tests("resources/test_reddit_api", "a_post_from_the_future_is_refused", "a_post_with_a_bad_time_makes_the_count_a_lower_bound")),
        ],
    ),
    (
        "Pages",
        [
            ("a layout that changed, on every page or one", NOTHING, _sites("layout-change-old", "layout-change:page=2-old")),
            ("a captcha with status 200, on every page or one", NOTHING, _sites("captcha200-old", "captcha200:page=3-old")),
            ("a login or consent page with status 200", "blocked, nothing published", _tests("sources/test_pages", "a_page_titled_like_a_refusal_or_a_login_is_blocked_whatever_its_size")),
            ("an empty answer with status 200, once or always", NOTHING, _sites("zero-bytes-old", "zero-bytes:1-old")),
            ("a page that ends in the middle", "refused by its missing end", (*_tests(_LIST, "half_a_page_is_truncated"), *_tests("sources/test_danawa_product", "half_a_page_is_truncated"))),
            ("half of the rows missing, everywhere or on a page", NOTHING, _sites("half-missing-old", "half-missing:page=2-old")),
            ("text decoded in the wrong way (mojibake)", NOTHING, _sites("mojibake-old")),
            ("another charset, declared or not", TRUE, _sites("euc-kr-old")),
            ("a byte order mark", TRUE, _tests(_PAGES, _ODD + "[a byte order mark]")),
            ("fifty thousand elements within each other", "refused before it is parsed, " + NOTHING, _tests(_PAGES, "a_page_of_bottomless_nesting_is_refused_before_it_is_parsed")),
            ("a renamed field in pushed JSON", NOTHING, _sites("json-field-renamed-next", "json-field-renamed-old")),
            ("a zip bomb", "stopped at the limit, " + NOTHING, (*_sites("bomb-old"), *_tests("resources/test_http_body", "a_bomb_is_stopped_and_its_neighbour_is_not"))),
            ("entities of XML that grow, or name a file of ours", "refused, nothing expanded", _tests(_PAGES, "entities_of_a_feed_are_not_expanded")),
            ("the only blind day, then a third in a row", "a person is asked, whose word counts", _tests("endtoend/test_blind_days", "the_third_refused_day_in_a_row_asks_a_person_whose_word_counts")),
            ("a product page that fails while the list is whole", TRUE + "; the product pages' part is named", _tests("endtoend/test_product_pages", "a_product_page_that_fails_takes_nothing_from_the_day")),
        ],
    ),
    (
        "Network",
        [
            ("429 for a while, in seconds or as a date", TRUE + " after the pause", _sites("http429:1:after=1-old", "http429:1:after=1:form=date-old")),
            ("429 with a pause longer than we wait", NOTHING, _sites("http429:after=60-old")),
            ("503 with a Retry-After of a day", NOTHING, _sites("http503-retry-after:after=86400-old")),
            ("503 for a while", TRUE, _sites("http503-retry-after:1:after=1-old")),
            ("500 once", TRUE, _sites("http500:1-old")),
            ("500 always", NOTHING, _sites("http500-old")),
            ("a connection reset once, or always", TRUE + ", or " + NOTHING, (*_sites("reset:1-old", "reset-old"), *_tests(_NETWORK, _WAY + "[connection reset]"))),
            ("a body shorter than announced, once or always", TRUE + ", or " + NOTHING, _sites("truncate:1:page=2-old", "truncate-old")),
            ("a gzip stream that ends early, once or always", TRUE + ", or " + NOTHING, _sites("gzip-truncated:1:page=2-old", "gzip-truncated-old")),
            ("a server that hangs, once or always", TRUE + ", or " + NOTHING, _sites("hang:1:page=2-old", "hang-old")),
            ("a server that drips", "ended at the deadline, " + NOTHING, _sites("slow-drip-old")),
            ("a redirect in a circle", NOTHING, _sites("redirect-loop-old")),
            ("a redirect to a private address", NOTHING, _sites("redirect-private-old")),
            ("a name that resolves to a private address after it was checked", "refused at the connection", _tests("resources/test_http_transport", "a_name_that_resolves_elsewhere_after_the_check_is_caught_at_the_connection")),
            ("robots.txt that forbids everything", NOTHING, _sites("robots-deny-all-old")),
            ("robots.txt that answers 500", NOTHING, _sites("http500:robots.txt-old")),
            ("a certificate nobody vouches for", NOTHING + "; never without verification", _tests(_NETWORK, _WAY + "[self-signed certificate]")),
            ("no TLS where it is expected", NOTHING, _tests(_NETWORK, _WAY + "[no TLS]")),
            ("another protocol on the port", NOTHING, _tests(_NETWORK, _WAY + "[another protocol]")),
            ("a name that nobody knows", NOTHING, _tests(_NETWORK, "a_name_that_nobody_knows_is_a_named_failure")),
            ("connection refused", NOTHING, _tests(_NETWORK, _WAY + "[connection refused]")),
            ("one source down", TRUE + " of the others, and that one named", (*_tests(_NETWORK, "a_source_that_is_down_does_not_stop_the_other"), *_tests("endtoend/test_shops", "a_shop_that_is_down_leaves_the_others_alone"))),
        ],
    ),
    (
        "Reddit",
        [
            ("a wrong key", "one line without the secret, no zero", _tests(_REDDIT, "a_wrong_key_is_said_in_one_line_without_the_secret")),
            ("no token, an empty listing or HTML with 200, always", "failed or blocked in every subreddit, no zero", (*_tests(_REDDIT, "a_fault_that_stays_is_a_named_gap_in_every_subreddit"), *_tests("endtoend/test_reddit", "by_key_a_fault_that_stays_fails_and_is_no_zero"))),
            ("the same for a while", TRUE, _tests(_REDDIT, "a_fault_that_passes_leaves_no_trace")),
            ("the feed's limit", "read after its reset, or a named gap", _tests(_REDDIT, "a_feed_that_is_limited_once_is_read_after_its_reset", "a_feed_that_cannot_be_read_is_a_named_gap")),
            ("one subreddit that cannot be read", "a gap of its own; the others are whole", (*_tests("resources/test_reddit_api", "one_failing_subreddit_leaves_the_others"), *_tests("endtoend/test_reddit", "one_subreddit_that_cannot_be_read_is_a_gap_of_its_own"))),
            ("a deleted post or user", "no text any more, and counted", _tests("assets/test_community_keeping", "a_deleted_post_loses_its_text_everywhere_and_stays_counted", "no_author_has_a_place")),
            ("an hour that was missed", "a named gap", _tests(_COLLECTING, "an_hour_that_was_missed_is_a_named_gap")),
            ("a collection that dies between fetch and load, or half way", "no trace; the next run gives the same rows", (*_tests(_COLLECTING, "a_run_that_dies_between_fetch_and_load_leaves_no_trace", "a_load_that_dies_halfway_leaves_no_trace"), *_tests("endtoend/test_reddit_killed", "killed_between_fetch_and_load_then_run_again_and_run_once_more"))),
        ],
    ),
    (
        "Runs",
        [
            ("the same day twice", "the same rows, not even written again", (*_tests("endtoend/test_services", "ui_daemon_and_command_give_the_same_rows_and_stop_together"), *_tests("endtoend/test_real_days", "neither_a_second_run_nor_a_captcha_changes_what_is_there"))),
            ("two commands of a home at once", "the second is refused in one line", _tests("endtoend/test_services", "a_killed_run_does_not_hold_back_the_next")),
            ("two machines that load the same day at once", TRUE, _tests(_KILLED, "two_homes_that_load_the_same_day_at_once")),
            ("SIGKILL while fetching", "nothing stored as a crawl; the next run is whole", _tests(_KILLED, "killed_at_every_point_in_turn_then_run_again") + _tests("endtoend/test_services", "a_killed_run_does_not_hold_back_the_next")),
            ("SIGKILL while parsing", "no offer stored; the next run is whole", _tests(_KILLED, "killed_at_every_point_in_turn_then_run_again")),
            ("SIGKILL before the load's commit", "no offer stored; the next run is whole", (*_tests(_KILLED, "killed_at_every_point_in_turn_then_run_again"), *_tests("database/test_connection", "a_load_that_is_killed_on_the_way_changes_nothing"))),
            ("SIGKILL after the load's commit", "offers stored, no price published; the next run is whole", _tests(_KILLED, "killed_at_every_point_in_turn_then_run_again")),
            ("SIGKILL after publishing, before the analyses", "prices published; the next run adds the analyses", _tests(_KILLED, "killed_at_every_point_in_turn_then_run_again")),
            ("SIGTERM or Ctrl-C in a run", "ends at once in one line; nothing is left running", _tests("endtoend/test_services", "an_interrupted_run_ends_at_once_and_takes_its_server_along")),
            ("the scheduler killed", "all it started ends with it", _tests("endtoend/test_scheduler", "stop_lets_the_run_in_progress_end_and_a_killed_scheduler_leaves_nothing")),
            ("a step that fails for good", "one line; what follows is skipped, its siblings run", _tests("assets/test_failures", "a_step_that_is_out_of_tries_fails_with_its_own_reason", "what_will_not_pass_is_tried_once") + _tests("schedules/test_halves", "risk_is_computed_and_the_run_fails_with_reddits_reason")),
            ("one tick missed", "run late the same day", _tests(_GAPS, "today_is_run_late_where_its_tick_was_lost")),
            ("several ticks missed", "days marked missing for good, never given today's prices", _tests(_GAPS, "days_on_which_nothing_ran_are_marked_and_never_crawled")),
            ("a load lost after its pages were stored", "rebuilt once from the stored pages", (*_tests(_GAPS, "a_day_that_is_stored_but_not_loaded_is_rebuilt_once_with_the_days_that_compare_with_it"), *_tests("endtoend/test_gaps", "a_lost_load_is_made_up_for_from_the_stored_pages"))),
            ("a past day asked for", "refused: no day but today gets today's prices", _tests("schedules/test_daily", "a_day_that_was_missed_is_not_given_todays_readings")),
            ("a worker of several machines is lost", "its day is run again and loses nothing (needs Redis)", _tests("endtoend/test_celery", "two_workers_rebuild_the_same_rows_and_a_lost_one_loses_nothing")),
            ("the broker of several machines dies with all it holds in mid-run", "waited for; when it is back all days are built (needs Redis)", _tests("endtoend/test_celery", "a_broker_that_dies_with_all_it_holds_and_comes_back_loses_nothing")),
        ],
    ),
    (
        "Clock",
        [
            ("clocks put forward and back", "one tick a market day", _tests("schedules/test_daily", "there_is_one_tick_a_market_day_wherever_clocks_are_changed")),
            ("midnight in the middle of a crawl", "the rows belong to the day it began; each price is one that was shown", _tests("faults/test_clock", "a_crawl_over_midnight_belongs_to_the_day_it_began")),
            ("a run repeated after midnight", "refused; the day keeps its prices", _tests("faults/test_clock", "a_run_that_is_repeated_after_midnight_does_not_give_its_day_todays_prices")),
            ("another zone", "stored days stay as they are", _tests("faults/test_clock", "another_zone_leaves_the_days_that_are_stored")),
            ("a clock that is wrong", "`gpu-etl doctor` says by how much", _tests("cli/test_doctor", "the_clock_is_compared_with_a_source")),
            ("a clock that is set back a day, or runs a day ahead", "named by the crawl; nothing is stored, and no day gets another's prices", _tests("faults/test_clock", "a_clock_that_is_a_day_off_stores_nothing")),
            ("a clock that is set back where the site tells no time", "named by the crawl and `gpu-etl doctor`; nothing is stored, and no day gets another's prices", _tests("faults/test_clock", "a_clock_that_is_behind_what_is_stored_crawls_nothing")),
            ("a clock that ran a year ahead and is right again", "named by `gpu-etl doctor`; where the site tells the time, days go on, else the crawl names it; `gpu-etl retract` heals it", _tests("faults/test_clock", "a_clock_that_ran_ahead_is_no_trouble_where_the_site_says_that_it_is_right_now", "what_a_clock_that_ran_ahead_has_stored_is_taken_out_again")),
            ("a schedule that is moved", "takes effect; the day does not run twice", (*_tests("schedules/test_daily", "a_schedule_that_is_moved_to_a_later_hour_does_not_run_the_day_twice"), *_tests("endtoend/test_scheduler", "a_schedule_that_is_moved_takes_effect_and_does_not_run_the_day_twice"))),
        ],
    ),
    (
        "Database",
        [
            ("PostgreSQL stopped in mid-load, back after seconds", TRUE + "; the load waits and begins anew", _tests(_DATABASE, "a_server_that_is_away_in_mid_load_is_waited_for")),
            ("PostgreSQL stopped in mid-load for longer than we wait", NOTHING, _tests(_DATABASE, "a_server_that_stays_away_is_a_named_failure_and_the_next_run_heals_it")),
            ("the embedded server killed", "starts anew by itself", _tests(_EMBEDDED, "work_goes_on_after_the_server_was_stopped_or_killed", "it_comes_back_after_it_was_killed")),
            ("the power cut in mid-run: run and server die at one moment", "the server recovers by itself; the day is there whole or not at all; the next run is whole", _tests("faults/test_power_cut", "the_power_is_cut_at_random_moments_and_the_next_run_is_whole")),
            ("a connection ended in mid-load (failover)", TRUE, _tests(_DATABASE, "a_connection_that_is_ended_in_mid_load_is_opened_anew")),
            ("a deadlock", "both transactions count", _tests(_DATABASE, "a_real_deadlock_is_resolved_and_both_transactions_count")),
            ("a serialization failure or deadlock that never ends", "one line", _tests("database/test_connection", "work_that_never_succeeds_ends_in_one_line")),
            ("no free connection", "one line", _tests(_DATABASE, "a_server_without_a_free_connection_is_told_in_one_line")),
            ("a wrong password, user or database", "one line without the password", _tests("database/test_connection", "a_refused_user_is_told_in_one_line", "an_unknown_database_is_told_in_one_line")),
            ("a user without rights", NOTHING, _tests(_DATABASE, "a_user_without_rights_is_a_named_failure")),
            ("a database that became read-only", NOTHING, _tests(_DATABASE, "a_database_that_became_read_only_is_a_named_failure")),
            ("no server at the address", ONE_LINE, _tests("cli/test_usage", "a_database_that_does_not_answer_is_one_line_without_the_password")),
            ("a schema newer than the program", "refused and left alone", _tests("database/test_migrate", "a_newer_schema_is_refused_and_left_alone")),
            ("two processes that migrate at once", "both succeed", _tests("database/test_migrate", "two_processes_that_migrate_at_once_both_succeed")),
            ("a server that is too old, or data of another version", "one line", _tests("database/test_connection", "a_server_that_is_too_old_is_refused") + _tests(_EMBEDDED, "data_of_another_version_are_refused")),
        ],
    ),
    (
        "Machine",
        [
            ("a full disk under the database", NOTHING, _tests(_DATABASE, "a_full_disk_under_the_server_is_a_named_failure_and_room_heals_it")),
            ("a full disk under the home", ONE_LINE + "; room heals it", _tests(_MACHINE, "a_home_without_room_is_one_line_and_room_heals_it")),
            ("a full disk under a backup", "one line, no half file", _tests(_MACHINE, "a_backup_without_room_leaves_no_half")),
            ("a full disk under a report", "the one before stays, no half file", _tests(_MACHINE, "a_report_without_room_leaves_the_one_before")),
            ("a read-only disk", ONE_LINE, _tests(_MACHINE, "a_home_that_nobody_may_write_to_is_one_line")),
            ("a port that is taken", ONE_LINE, _tests("cli/test_usage", "a_port_that_is_taken_is_one_line")),
            ("a value in the environment that is none", ONE_LINE, _tests("cli/test_usage", "a_bad_setting_is_one_line_before_anything_runs") + _tests("test_settings", "a_bad_value_is_one_line_naming_variable_value_and_what_is_allowed")),
            (".env in another encoding", ONE_LINE, _tests(_MACHINE, _UNREADABLE + "[env_of_another_encoding-.env]")),
            ("corrections that cannot be read", NOTHING, _tests(_MACHINE, "corrections_that_cannot_be_read_fail_their_step_in_one_line")),
            ("a broken dagster.yaml", "one line", _tests(_MACHINE, _UNREADABLE + "[dagster_settings_that_are_none-dagster.yaml]", _UNREADABLE + "[dagster_settings_that_mean_nothing-no_such_setting]")),
            ("a home that is a file", ONE_LINE, _tests(_MACHINE, _UNREADABLE + "[home_that_is_a_file-GPU_ETL_HOME=]")),
            ("a damaged backup", "refused, nothing changed", _tests(_BACKUP, "a_backup_that_is_not_whole_changes_nothing")),
            ("a receiver of alerts that is down", "told later, once", _tests(_DELIVERY, "a_receiver_that_fails_keeps_nobody_waiting_and_gets_it_later")),
            ("SIGKILL while alerts are sent", "nothing is lost", _tests(_DELIVERY, "a_process_that_is_killed_while_sending_loses_nothing")),
            ("a hundred and twenty days with a random fault on every other one", "each day is the truth or missing with its reason; no leak", _tests("faults/test_soak", "days_of_random_faults_leave_the_truth_and_no_leak")),
        ],
    ),
]  # fmt: skip

MATRIX = [
    Fault(number, area, what, outcome, drivers)
    for number, (area, what, outcome, drivers) in enumerate(
        ((area, *row) for area, rows in _ROWS for row in rows), start=1
    )
]


NOT_DRIVEN = {
    "a power cut that loses what the disk had not written yet": "PostgreSQL's own promise; its processes are killed, all at once",
}
"""Thought of, and no test makes it happen."""


def markdown() -> str:
    """The page of the docs."""
    lines = [
        "# The fault matrix",
        "",
        f"{len(MATRIX)} faults, each driven by the tests named beside it (below `gpu_etl_tests`; made by `make docs`).",
        "The rule for all: the true rows, or one line that names what is wrong with nothing published, and the next run",
        "heals it.",
    ]
    for area, faults in groupby(MATRIX, key=lambda fault: fault.area):
        lines += ["", f"## {area}", "", "| | fault | what comes of it | driven by |", "|---|---|---|---|"]
        lines += [
            f"| {fault.number} | {fault.what} | {fault.outcome} | {'<br>'.join(f'`{_shown(d)}`' for d in fault.drivers)} |"
            for fault in faults
        ]
    lines += ["", "## Not driven", "", "Thought of, and no test makes it happen:", ""]
    lines += [f"- {what}: {outcome}" for what, outcome in NOT_DRIVEN.items()]
    return "\n".join(lines) + "\n"


def _shown(driver: str) -> str:
    return driver.replace("|", "\\|")
