"""The OpenAPI document is valid, complete, and true: each address answers what it says."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from pydantic import SecretStr
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012
from starlette.routing import Route

from gpu_etl.dashboard.app import create_app
from gpu_etl.dashboard.openapi import document
from gpu_etl.dashboard.pages import PAGES
from gpu_etl.database import Database
from gpu_etl.settings import Settings
from gpu_etl_tests.dashboard.conftest import Market
from gpu_etl_tests.dashboard.serving import Site, served

DOCUMENT = document(PAGES, has_password=False)
ROOT = "urn:document"
OPERATIONS = {path: item["get"] for path, item in DOCUMENT["paths"].items()}
JSON_PATHS = [path for path in OPERATIONS if not path.endswith(".csv")]


def test_it_is_valid_and_the_one_that_is_served(site: Site) -> None:
    validate(DOCUMENT)
    assert site.get("/openapi.json").json() == json.loads(json.dumps(DOCUMENT))


def test_every_address_of_the_api_is_in_it_and_no_other(
    make_settings: Callable[..., Settings], database: Database
) -> None:
    app = create_app(make_settings(), database)
    served_paths = {route.path for route in app.routes if isinstance(route, Route) and route.path.startswith("/api")}
    tables = {f"{path.rpartition('/')[0]}/{{_table}}.csv" for path in OPERATIONS if path.endswith(".csv")}
    assert served_paths == tables | set(JSON_PATHS)


def test_everything_in_it_says_what_it_is() -> None:
    assert [page.name for page in PAGES if not page.kind.__doc__] == []
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(names) == len(set(names))
    schemas = DOCUMENT["components"]["schemas"]
    assert [name for name, schema in schemas.items() if not schema.get("description")] == []
    assert schemas["KeywordRow"]["properties"]["is_rising"]["description"] == "Growth above 50 %."
    assert [p for p in parameters() if p["in"] == "query" and not p.get("description")] == []


def parameters() -> Iterator[dict[str, Any]]:
    for operation in OPERATIONS.values():
        yield from operation["parameters"]


@pytest.mark.parametrize("path", JSON_PATHS)
def test_an_answer_has_the_shape_that_is_promised(site: Site, market: Market, path: str) -> None:
    answer = site.get(filled(path, market))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    validator(path).validate(answer.json())


@pytest.mark.parametrize("path", [path for path in JSON_PATHS if "{" not in path])
def test_an_empty_database_has_that_shape_too(
    make_settings: Callable[..., Settings], database: Database, path: str
) -> None:
    with served(make_settings(), database, datetime(2026, 3, 8, tzinfo=UTC)) as site:
        validator(path).validate(site.get(path).json())


@pytest.mark.parametrize("path", [path for path in OPERATIONS if path.endswith(".csv")])
def test_every_table_can_be_downloaded(site: Site, market: Market, path: str) -> None:
    answer = site.get(filled(path, market))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    row = next(page for page in PAGES if page.name == OPERATIONS[path]["tags"][0]).tables[path.split("/")[-1][:-4]]
    columns = answer.content.decode("utf-8-sig").splitlines()[0].split(",")
    assert columns == list(row.__annotations__)


@pytest.mark.parametrize("path", JSON_PATHS)
def test_each_promised_parameter_is_taken(site: Site, market: Market, path: str) -> None:
    values = {"from": "2026-03-01", "to": "2026-03-08", "keyword": "Issues"}
    query = []
    for parameter in OPERATIONS[path]["parameters"]:
        if parameter["in"] == "query":
            allowed = parameter["schema"].get("enum")
            query.append(f"{parameter['name']}={allowed[-1] if allowed else values.get(parameter['name'], '')}")
    answer = site.get(f"{filled(path, market)}?{'&'.join(query)}")
    assert answer.status_code == 200, answer.text
    validator(path).validate(answer.json())


def test_problems_have_the_shape_that_is_promised(site: Site) -> None:
    problem = Draft202012Validator(DOCUMENT["components"]["schemas"]["Problem"])
    for path in ("/api/skus/000000000000", "/api/community?from=x"):
        problem.validate(site.get(path).json())


def test_a_password_is_told_of(make_settings: Callable[..., Settings], database: Database) -> None:
    closed = document(PAGES, has_password=True)
    validate(closed)
    assert closed["security"] == [{"password": []}]
    with served(make_settings(dashboard_password=SecretStr("secret")), database) as site:
        assert site.get("/openapi.json").status_code == 401
        assert site.get("/openapi.json", auth=("any", "secret")).json()["security"] == [{"password": []}]


def filled(path: str, market: Market) -> str:
    return path.format(sku_id=market.cards["1"], slug="geforce-rtx-5070")


def validator(path: str) -> Draft202012Validator:
    registry: Registry[Any] = Registry().with_resource(ROOT, Resource(DOCUMENT, DRAFT202012))  # type: ignore[call-arg]
    schema = OPERATIONS[path]["responses"]["200"]["content"]["application/json"]["schema"]
    return Draft202012Validator({"$ref": ROOT + schema["$ref"]}, registry=registry)
