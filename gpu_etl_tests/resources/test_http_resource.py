"""The Dagster resource: from settings to one client a run."""

from __future__ import annotations

from collections.abc import Callable

import dagster as dg
import pytest
from pydantic import ValidationError

from gpu_etl.resources.http import AddressRefused, HttpResource
from gpu_etl.resources.http_client import HttpClient
from gpu_etl.settings import Settings


def test_every_field_says_what_it_is_and_none_is_a_secret() -> None:
    for name, field in HttpResource.model_fields.items():
        assert field.description, name
        assert not {"key", "token", "secret", "password"} & set(name.split("_")), name


def test_from_settings(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(
        danawa_base_url="http://127.0.0.1:8001",
        http_user_agent="us/1",
        http_requests_per_second=2,
        http_deadline_seconds=7,
        max_retries=1,
        retry_backoff_seconds=9,
    )
    resource = HttpResource.from_settings(settings)
    assert (resource.user_agent, resource.requests_per_second, resource.deadline_seconds) == ("us/1", 2, 7)
    assert (resource.max_retries, resource.backoff_seconds) == (1, 9)
    assert "http://127.0.0.1:8001" in resource.trusted_hosts
    assert resource.robots_opt_in == [], "robots.txt is obeyed unless the user says otherwise"


def test_ajax_is_an_opt_in_for_two_paths_of_danawa(make_settings: Callable[..., Settings]) -> None:
    resource = HttpResource.from_settings(make_settings(danawa_use_ajax=True))
    assert resource.robots_opt_in == ["https://prod.danawa.com/list/ajax/", "https://prod.danawa.com/info/ajax/"]


INSIDE = ["http://127.0.0.1:9/card", "http://192.168.0.7/card", "http://169.254.169.254/latest/", "http://[::1]:9/card"]


@pytest.mark.parametrize("url", INSIDE)
def test_shop_urls_do_not_lead_inside(make_settings: Callable[..., Settings], url: str) -> None:
    settings = make_settings(shop_urls=(url,), ecb_rates_url=url, max_retries=0)
    with HttpResource.from_settings(settings).new_client() as client, pytest.raises(AddressRefused):
        client.get(url)


def test_a_replay_has_its_shops_on_loopback_and_nowhere_else_inside(make_settings: Callable[..., Settings]) -> None:
    settings = make_settings(danawa_base_url="http://127.0.0.1:8001", shop_urls=tuple(INSIDE), ecb_rates_url="")
    trusted = HttpResource.from_settings(settings).trusted_hosts
    assert [url for url in INSIDE if url in trusted] == [INSIDE[0], INSIDE[3]]


def test_one_client_a_run_and_none_outside() -> None:
    clients: list[HttpClient] = []

    @dg.asset
    def first(http: HttpResource) -> None:
        clients.append(http.client())

    @dg.asset(deps=[first])
    def second(http: HttpResource) -> None:
        clients.append(http.client())

    resource = HttpResource(user_agent="us/1")
    assert dg.materialize([first, second], resources={"http": resource}).success
    assert len(clients) == 2
    assert clients[0] is clients[1]
    with pytest.raises(RuntimeError, match="made by the run"):
        resource.client()


def test_bad_values_are_refused() -> None:
    with pytest.raises(ValidationError, match="requests_per_second"):
        HttpResource(user_agent="us/1", requests_per_second=0)
