"""Who may ask the dashboard, and what a browser may do with its answers."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from gpu_etl.dashboard import security
from gpu_etl.database import Database
from gpu_etl.settings import Settings
from gpu_etl_tests.dashboard.serving import Site, running, served


@pytest.mark.parametrize("path", ["/chipsets", "/api/chipsets", "/nowhere", "/static/app.css", "/chipsets?from=x"])
def test_every_answer_tells_the_browser_what_it_may_do(site: Site, path: str) -> None:
    headers = site.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "evil.example:80", "", "a@127.0.0.1", "[::1"]
)
def test_a_host_that_is_not_ours_is_refused(site: Site, host: str) -> None:
    answer = site.get("/chipsets", headers={"Host": host})
    assert answer.status_code in (400, 421)
    assert "RTX" not in answer.text


@pytest.mark.parametrize("host", ["127.0.0.1:1234", "localhost", "LOCALHOST:80", "[::1]:3001"])
def test_our_own_names_are_taken(site: Site, host: str) -> None:
    assert site.get("/chipsets", headers={"Host": host}).status_code == 200


def test_a_proxys_name_is_taken_once_it_is_set(make_settings: Callable[..., Settings], database: Database) -> None:
    with served(make_settings(dashboard_hosts="gpu.example.org, Other.example"), database) as named:
        assert named.get("/chipsets", headers={"Host": "other.example"}).status_code == 200
        assert named.get("/chipsets", headers={"Host": "third.example"}).status_code == 421


def test_with_a_password_everything_but_the_ping_asks_for_it(
    make_settings: Callable[..., Settings], database: Database
) -> None:
    with served(make_settings(dashboard_password=SecretStr("비밀번호")), database) as locked:
        assert locked.get("/ping").status_code == 204
        for path in ("/chipsets", "/api/chipsets", "/static/app.css", "/nowhere"):
            refused = locked.get(path)
            assert (refused.status_code, refused.headers["www-authenticate"][:5]) == (401, "Basic")
        for wrong in ("", "비밀", "비밀번호2"):
            assert locked.get("/chipsets", auth=("me", wrong.encode())).status_code == 401
        assert locked.get("/chipsets", headers={"Authorization": "Basic !"}).status_code == 401
        assert locked.get("/chipsets", auth=("anybody", "비밀번호".encode())).status_code == 200


@pytest.fixture
def forms(make_settings: Callable[..., Settings]) -> tuple[Starlette, list[dict[str, str]]]:
    """An application with one form, and what was sent to it."""
    taken: list[dict[str, str]] = []

    async def form(request: Request) -> Response:
        return HTMLResponse(f"<form><input name=token value={request.state.token}></form>")

    async def act(request: Request) -> Response:
        taken.append(request.state.form)
        return HTMLResponse("done")

    routes = [Route("/", form), Route("/act", act, methods=["POST"])]
    return Starlette(routes=routes, middleware=[Middleware(security.Tokens)]), taken


def test_only_our_own_forms_change_something(forms: tuple[Starlette, list[dict[str, str]]]) -> None:
    app, taken = forms
    with running(app) as site:
        page = site.get("/")
        found = re.search(r"value=(\w+)", page.text)
        assert found
        cookie = page.headers["set-cookie"]
        assert "SameSite=Strict" in cookie
        assert "HttpOnly" in cookie
        good = {"token": found[1], "note": "팔았음"}
        assert site.post("/act", data={"note": "x"}).status_code == 403
        assert site.post("/act", data={**good, "token": "0" * 64}).status_code == 403
        assert site.post("/act", data=good, headers={"Origin": "https://evil.example"}).status_code == 403
        assert site.post("/act", data=good, headers={"Origin": "null"}).status_code == 403
        assert site.post("/act", json=good).status_code == 400
        assert site.post("/act", data="a=%ff", headers={"Content-Type": "text/plain"}).status_code == 400
        assert site.post("/act", data={**good, "note": "x" * 70_000}).status_code == 400
        assert taken == []
        assert site.post("/act", data=good, headers={"Origin": site.url}).status_code == 200
        assert taken == [good]
        site.session.cookies.clear()
        assert site.post("/act", data=good).status_code == 403
        assert len(taken) == 1
