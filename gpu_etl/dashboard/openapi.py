"""The OpenAPI document of the read-only JSON API, made from the pages themselves.

Belongs here: turning the registry of pages into a document. Does not belong here: any one page, or its shape (the
dataclass that the page returns, whose docstrings are the words of the document).

https://spec.openapis.org/oas/v3.1.0
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from importlib.metadata import version
from itertools import pairwise
from typing import Any, get_args, get_type_hints

from pydantic import TypeAdapter

from gpu_etl.dashboard.page import Page

VERSION = "3.1.0"
INTRODUCTION = """\
Every page of the dashboard as data: the same object that the page shows, at /api followed by the page's address, and
each of its tables as CSV. Read-only, on loopback, of the same origin. Amounts are whole won, changes and shares in
percent, days are market days (MARKET_TIMEZONE), moments are UTC. What is unknown is null, never 0, with a reason where
there is one.
"""
PROBLEM = {
    "type": "object",
    "description": "Why there is no answer.",
    "required": ["error", "detail"],
    "additionalProperties": False,
    "properties": {
        "error": {"type": "string", "description": "not_there, bad_request, no_database or failed"},
        "detail": {"type": "string", "description": "one line that names what is wrong"},
    },
}
PROBLEMS = {
    "400": "The query asks for something that cannot be",
    "404": "There is no such thing",
    "503": "The database does not answer",
}


def document(pages: Iterable[Page], *, has_password: bool) -> dict[str, Any]:
    """The document; ``has_password``: every request needs one (basic authentication, any user name)."""
    pages = list(pages)
    inputs: list[Any] = [(page.name, "serialization", page.adapter) for page in pages]
    _, definitions = TypeAdapter.json_schemas(inputs, ref_template="#/components/schemas/{model}")
    schemas: dict[str, Any] = definitions.get("$defs", {})
    for page in pages:
        for kind in _kinds(page.kind):
            _describe(schemas.get(kind.__name__, {}), kind)
    components: dict[str, Any] = {"schemas": {**schemas, "Problem": PROBLEM}, "responses": _problems()}
    if has_password:
        components["securitySchemes"] = {"password": {"type": "http", "scheme": "basic"}}
    return {
        "openapi": VERSION,
        "info": {"title": "GPU market", "version": version("gpu-etl"), "description": INTRODUCTION},
        "servers": [{"url": "/"}],
        "paths": {path: item for page in pages for path, item in _paths(page)},
        "components": components,
        "security": [{"password": []}] if has_password else [],
        "tags": [{"name": page.name, "description": _summary(page.kind)} for page in pages],
    }


def _paths(page: Page) -> Iterator[tuple[str, dict[str, Any]]]:
    parameters = [*_path_parameters(page), *_query_parameters(page)]
    schema = {"$ref": f"#/components/schemas/{page.kind.__name__}"}
    yield (
        page.api_path,
        {"get": _operation(page, page.name, _summary(page.kind), parameters, "application/json", schema)},
    )
    for table, row in page.tables.items():
        name, told = f"{page.name}_{table}_csv", f"{table} of {page.path} as CSV: {_summary(row)}"
        csv = {"type": "string", "description": "UTF-8 with a byte order mark, first line names the columns"}
        yield f"{page.api_path}/{table}.csv", {"get": _operation(page, name, told, parameters, "text/csv", csv)}


def _operation(
    page: Page, name: str, told: str, parameters: list[dict[str, Any]], media: str, schema: Mapping[str, Any]
) -> dict[str, Any]:
    problems = {status: {"$ref": f"#/components/responses/{status}"} for status in PROBLEMS}
    return {
        "operationId": name,
        "summary": told,
        "tags": [page.name],
        "parameters": parameters,
        "responses": {"200": {"description": told, "content": {media: {"schema": schema}}}, **problems},
    }


def _path_parameters(page: Page) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
            **({"example": page.examples[name]} if name in page.examples else {}),
        }
        for name in re.findall(r"\{(\w+)\}", page.path)
    ]


def _query_parameters(page: Page) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "query",
            "required": False,
            "description": parameter.description,
            "schema": dict(parameter.schema),
        }
        for name, parameter in page.parameters.items()
    ]


def _problems() -> dict[str, Any]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": told, "content": content} for status, told in PROBLEMS.items()}


def _kinds(kind: type) -> Iterator[type]:
    """A dataclass and every dataclass in it."""
    yield kind
    for hint in get_type_hints(kind).values():
        for part in (hint, *get_args(hint)):
            if isinstance(part, type) and is_dataclass(part):
                yield from _kinds(part)


def _describe(schema: dict[str, Any], kind: type) -> None:
    """Give a dataclass's schema its docstring, and its fields theirs."""
    schema["description"] = inspect.cleandoc(kind.__doc__ or "")
    for name, told in _field_docstrings(kind).items():
        if name in schema.get("properties", {}):
            schema["properties"][name].setdefault("description", told)


def _field_docstrings(kind: type) -> dict[str, str]:
    """The strings under a dataclass's fields: pydantic reads them of its own models only."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    body = definition.body if isinstance(definition, ast.ClassDef) else []
    found = {}
    for field, following in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(following, ast.Expr):
            told = ast.literal_eval(following.value)
            if isinstance(told, str):
                found[field.target.id] = inspect.cleandoc(told)
    return found


def _summary(kind: type) -> str:
    return inspect.cleandoc(kind.__doc__ or kind.__name__).splitlines()[0]
