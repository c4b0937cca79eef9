"""What Reddit says as part of the learned score: counted right, never ahead, learned where there is enough of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from gpu_etl.market.fall import talk
from gpu_etl.market.fall.evaluation import auc
from gpu_etl.market.fall.features import NAMES, Prepared, day_features, prepare
from gpu_etl.market.fall.model import PARTS, Examples, FallModel, fit, from_json, talk_left_out
from gpu_etl.market.fall.price_panel import Listing, PricePanel
from gpu_etl.market.fall.shipped import shipped_model
from gpu_etl.market.fall.talk import Talk, numbers
from gpu_etl.market.fall.walk_forward import examples_of
from gpu_etl.market.fall.words import UNWEIGHED, parts_in_words
from gpu_etl_tests.market.fall.fake_market import FIRST_DAY, market

pytestmark = pytest.mark.xdist_group("talk")

FOLLOWED = {
    "GeForce RTX 4060": "GeForce RTX 5060",
    "GeForce RTX 4070": "GeForce RTX 5070",
    "GeForce RTX 4070 Ti SUPER": "GeForce RTX 5070 Ti",
}
DAYS, LEARNED, CARDS = 260, 190, 18


# --- the numbers ----------------------------------------------------------------------------------------------------
def quiet(days: int, posts: float = 100.0) -> Talk:
    """Every day 6 posts name a 4070 and 2 a 5070, one of these with a new-release keyword."""
    mentions = np.tile([6.0, 2.0], (days, 1))
    return Talk(
        ["GeForce RTX 4070", "GeForce RTX 5070"], np.full(days, posts), mentions, np.tile([0.0, 1.0], (days, 1))
    )


def of_4070(said: Talk | None, row: int) -> dict[str, float]:
    found = numbers(said, row, ["GeForce RTX 4070"], [["GeForce RTX 5070"]])
    return {name: float(values[0]) for name, values in found.items()}


def test_share_and_news_are_those_of_the_days_before() -> None:
    said = quiet(40)
    said.mentions[33:40] = (2.0, 6.0)  # the last seven days before row 40
    said.news[33:40, 1] = 4.0
    found = of_4070(said, 40)
    assert found["talk_share_28d"] == pytest.approx((21 * 6 + 7 * 2) / (28 * 8))
    assert found["talk_share_change_7d"] == pytest.approx(2 / 8 - (21 * 6 + 7 * 2) / (28 * 8))
    assert found["successor_news_28d"] == pytest.approx(1000 * (21 * 1 + 7 * 4) / 2800)
    assert found["successor_news_change_7d"] == pytest.approx(1000 * (4 / 100 - (21 + 28) / 2800))
    assert found["own_news_28d"] == 0


def test_neither_the_day_nor_a_later_one_counts() -> None:
    said, changed = quiet(60), quiet(60)
    changed.mentions[40:] = 99.0
    changed.news[40:] = 99.0
    changed.posts[40:] = 9.0
    assert of_4070(said, 40) == of_4070(changed, 40)


@pytest.mark.parametrize(("unread", "is_known"), [(14, True), (15, False)])
def test_a_window_that_was_read_by_half_is_known(unread: int, is_known: bool) -> None:
    said = quiet(40)
    for counts in (said.posts, said.mentions, said.news):
        counts[12 : 12 + unread] = np.nan
    found = of_4070(said, 40)
    assert np.isfinite(found["talk_share_28d"]) == is_known
    assert np.isfinite(found["successor_news_28d"]) == is_known
    if is_known:
        assert found["talk_share_28d"] == 0.75, "days that were not read are missing from both sides of a share"


def test_what_nobody_named_was_named_no_time_and_what_nothing_follows_has_no_such_news() -> None:
    found = numbers(quiet(40), 40, ["GeForce RTX 4060", "GeForce RTX 5070"], [["GeForce RTX 5060"], []])
    assert (found["talk_share_28d"][0], found["successor_news_28d"][0]) == (0, 0)
    assert np.isnan(found["successor_news_28d"][1])
    assert all(np.isnan(values).all() for values in numbers(None, 40, ["GeForce RTX 4060"], [[]]).values())


def test_news_of_all_that_follows_counts() -> None:
    said = quiet(40)
    found = numbers(said, 40, ["GeForce RTX 4060"], [["GeForce RTX 5070", "GeForce RTX 4070", "GeForce RTX 60"]])
    assert found["successor_news_28d"][0] == pytest.approx(10), "one post of 100 names a 5070 as news, none the others"


def test_a_card_on_sale_hears_of_the_series_expected_after_it() -> None:
    """No chipset of the catalogue follows an RTX 5070; rumours of what will are told by the name of the series."""
    rows, columns = 40, ["GeForce RTX 50 SUPER", "GeForce RTX 60"]
    news = np.tile([2.0, 1.0], (rows, 1))
    said = Talk(columns, np.full(rows, 100.0), news, news)
    listing = Listing("danawa", "1", "card", "GeForce RTX 5070", "MSI")
    prices = np.full((rows, 1), 800_000.0)
    _, heard = day_features(
        prepare(PricePanel(FIRST_DAY, [listing], prices, np.full_like(prices, 5.0)), said), rows - 1
    )
    assert heard[0][NAMES.index("successor_news_28d")] == pytest.approx(30)


def test_counts_of_other_days_or_chipsets_are_refused() -> None:
    with pytest.raises(ValueError, match="news"):
        Talk(["GeForce RTX 4070"], np.zeros(3), np.zeros((3, 1)), np.zeros((3, 2)))


# --- a market that listens ------------------------------------------------------------------------------------------
def rumoured(read: slice = slice(None)) -> Prepared:
    """Prices that fall by a tenth two to four weeks after talk of a successor, for no reason that prices show."""
    rng = np.random.default_rng(11)
    listings = [
        Listing("danawa", str(at), f"card-{at}", [*FOLLOWED][at % 3], ("MSI", "ASUS")[at % 2]) for at in range(CARDS)
    ]
    news = np.zeros((DAYS, 3))
    steps = rng.normal(0, 0.002, (DAYS, CARDS))
    for chipset in range(3):
        for day in range(20 + 9 * chipset, DAYS, 45):
            if rng.random() < 0.6:
                news[day : day + 8, chipset] = rng.integers(5, 9)
                steps[min(day + 20, DAYS - 1), np.arange(CARDS) % 3 == chipset] -= 0.1
    steps += np.where(rng.random((DAYS, CARDS)) < 0.01, rng.uniform(-0.08, 0.09, (DAYS, CARDS)), 0.0)
    price = np.round(800_000 * np.exp(steps.cumsum(axis=0)), -1)
    panel = PricePanel(FIRST_DAY, listings, price, np.full_like(price, 9.0))
    posts, mentions, naming = np.full(DAYS, np.nan), np.full((DAYS, 6), np.nan), np.full((DAYS, 6), np.nan)
    posts[read] = 200.0
    mentions[read] = np.hstack([np.full((DAYS, 3), 10.0), 3 + news])[read]
    naming[read] = np.hstack([np.zeros((DAYS, 3)), news])[read]
    return prepare(panel, Talk([*FOLLOWED, *FOLLOWED.values()], posts, mentions, naming))


def known(prepared: Prepared) -> Examples:
    found = examples_of(prepared, 0, DAYS - 1)
    return found.take(np.isfinite(found.change))


def learned(examples: Examples) -> FallModel:
    return fit(examples.take(examples.row < LEARNED - 31), FIRST_DAY, FIRST_DAY + timedelta(days=LEARNED - 32))


@pytest.fixture(scope="module")
def examples() -> Examples:
    return known(rumoured())


@pytest.fixture(scope="module")
def listening(examples: Examples) -> FallModel:
    return learned(examples)


def test_a_model_that_hears_of_successors_knows_more(examples: Examples, listening: FallModel) -> None:
    deaf = learned(known(replace(rumoured(), talk=None)))
    later = examples.take(examples.row >= LEARNED)
    heard, unheard = (auc(later.fell, model.probability(later.features)) or 0 for model in (listening, deaf))
    assert heard > unheard + 0.05
    assert talk.PART in listening.learned_parts
    assert talk.PART not in deaf.learned_parts
    assert talk_left_out(examples) is None


def test_a_model_that_hears_is_written_down_and_read(examples: Examples, listening: FallModel) -> None:
    read = from_json(json.loads(json.dumps(listening.as_json(), allow_nan=False)))
    assert read.asked == listening.asked >= {"successor_news_28d"}
    np.testing.assert_allclose(read.probability(examples.features), listening.probability(examples.features), atol=2e-4)


def test_a_day_without_talk_has_a_score_that_says_so(listening: FallModel) -> None:
    _, features = day_features(replace(rumoured(), talk=None), DAYS - 1)
    assert np.isfinite(listening.probability(features)).all()
    _, _, parts = listening.parts(features)
    told = parts_in_words(features[0].astype(float), parts[0], 800_000, 0.1, listening.learned_parts)
    assert "what Reddit says of its chipset is not known" in [part["words"] for part in told]


def test_too_little_talk_teaches_nothing_not_even_when_it_began() -> None:
    short = known(rumoured(read=slice(140, None)))
    unheard = short.features.copy()
    unheard[:, [NAMES.index(name) for name in talk.FEATURES]] = np.nan
    assert learned(short).as_json() == learned(replace(short, features=unheard)).as_json()
    told = talk_left_out(short)
    assert told is not None
    assert told.startswith("what Reddit said is known on ")
    assert told.endswith("120 and 80% of them are needed")


# --- the model that comes with the package --------------------------------------------------------------------------
def test_the_packaged_model_weighs_everything_but_talk_and_shows_it_all_the_same() -> None:
    model = shipped_model()
    assert model.learned_parts == set(PARTS) - {talk.PART}
    names = ["GeForce RTX 5070", "GeForce RTX 5070 Ti", "Radeon RX 9070 XT"]
    said = Talk(names, np.full(200, 50.0), np.full((200, 3), 4.0), np.zeros((200, 3)))
    (_, silent), (_, loud) = (day_features(prepare(market(200), heard), 199) for heard in (None, said))
    np.testing.assert_array_equal(model.probability(silent), model.probability(loud))
    _, _, parts = model.parts(loud)
    (told,) = (
        part
        for part in parts_in_words(loud[0].astype(float), parts[0], 900_000, model.mean_fall, model.learned_parts)
        if part["part"] == talk.PART
    )
    assert (
        told["words"]
        == f"its chipset has 33.3 % of the talk of 28 days, its successor 0.0 new-release posts in 1,000{UNWEIGHED}"
    )
    assert (told["points"], told["won"], told["value"]) == (0, 0, 33.3)
