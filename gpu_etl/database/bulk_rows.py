"""Rows on their way into a bulk load: checked one by one, put in the table's order, named where they are refused.

Belongs here: what a row may be and how a key is told. Does not belong here: statements (``bulk_plan``).
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, product
from operator import itemgetter
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.types.json import Json, Jsonb
from sqlalchemy.dialects.postgresql import JSONB

Row = Mapping[str, object]
_encode = json.JSONEncoder(check_circular=False).encode
"""Looking for circles is a third of the work, and no row holds one."""


def peek(rows: Iterable[Row]) -> tuple[Row | None, Iterable[Row]]:
    """The first of the rows, ``None`` where there is none, and all of them.

    Raises:
        ValueError: rows that were begun before.
    """
    iterator = iter(rows)
    # Work that is done again would find such rows used up, and empty their scope.
    if iterator is rows and not (inspect.isgenerator(rows) and inspect.getgeneratorstate(rows) == inspect.GEN_CREATED):
        raise ValueError("rows must be a collection or a generator made for this load alone: make it inside the work")
    first = next(iterator, None)
    return first, iterator if first is None else chain((first,), iterator)


def reader(table: sa.Table, scope: Row, seen: set[tuple[object, ...]] | None) -> Callable[[Row], Sequence[object]]:
    """A function that checks a row and puts its values in the order of the table's columns.

    ``seen`` takes the keys of all rows, to notice one that comes twice: of a million rows that is half of the work.
    """
    names = [column.name for column in table.columns]
    blank: dict[str, object] = dict.fromkeys(names)
    key_of = _picker([at for at, column in enumerate(table.columns) if column.primary_key])
    scope_of = _picker([names.index(name) for name in scope])
    wanted = frozenset(scopes(scope))
    json_at = [at for at, column in enumerate(table.columns) if isinstance(column.type, JSONB)]

    def read(row: Row) -> Sequence[object]:
        values = list({**blank, **row}.values())  # in the table's order; what it does not know comes after
        if len(values) != len(names):
            raise ValueError(f"{table.name} has no column {min(row.keys() - blank.keys())!r}")
        key = key_of(values)
        if None in key or scope_of(values) not in wanted or (seen is not None and key in seen):
            raise _refusal(table, scope, row, key)
        if seen is not None:
            seen.add(key)
        for at in json_at:
            values[at] = _as_json(table, names[at], values[at])
        return values

    return read


def scopes(scope: Row) -> Iterable[tuple[object, ...]]:
    """The values of each of the scopes that ``scope`` stands for."""
    return product(*map(_any_of, scope.values()))


def _any_of(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _picker(places: Sequence[int]) -> Callable[[Sequence[object]], tuple[object, ...]]:
    """A function that takes the values at these places, always as a tuple; made once, called for every row."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: tuple(values[at] for at in places)


def _refusal(table: sa.Table, scope: Row, row: Row, key: tuple[object, ...]) -> ValueError:
    """Why a row cannot be loaded."""
    keys = [column.name for column in table.primary_key]
    if None in key:
        return ValueError(f"{table.name}: a row without {keys[key.index(None)]}: {key}")
    for name, value in scope.items():
        if row.get(name) not in _any_of(value):
            return ValueError(f"{table.name}: {_spelled(keys, key)} has {name}={row.get(name)!r}, outside the scope")
    return ValueError(f"{table.name}: the key {_spelled(keys, key)} is there twice")


def _as_json(table: sa.Table, name: str, value: Any) -> str | None:
    """A value as JSON's text, which COPY takes as it is."""
    plain = value.obj if isinstance(value, (Json, Jsonb)) else value
    if plain is None:
        return None
    text = _encode(plain)
    if "\\u0000" in text and _holds_nul(plain):  # the letters alone may be a backslash and a word
        raise ValueError(f"{table.name}.{name} holds a NUL character, which PostgreSQL cannot store")
    return text


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, Mapping):
        return any(_holds_nul(part) for part in chain(value.keys(), value.values()))
    return isinstance(value, (list, tuple)) and any(_holds_nul(part) for part in value)


def complaint(table: sa.Table, row: Row) -> ValueError:
    """What is wrong with a row that PostgreSQL's driver cannot send."""
    key = _spelled([column.name for column in table.primary_key], [row.get(c.name) for c in table.primary_key])
    for name, value in row.items():
        if isinstance(value, str) and "\0" in value:
            return ValueError(f"{table.name}.{name} holds a NUL character, which PostgreSQL cannot store ({key!r})")
    return ValueError(f"{table.name}: the row {key!r} holds a value that PostgreSQL cannot store")


def told_key(error: psycopg.errors.UniqueViolation) -> str:
    """The key that a table holds already, out of ``Key (a, b)=(1, 2) already exists.`` in any language."""
    found = re.search(r"\((.*?)\)=\((.*)\)", error.diag.message_detail or "")
    if found is None:
        return "of a row"
    names, values = (part.split(", ") for part in found.groups())
    return _spelled(names, values) if len(names) == len(values) else found[0]


def _spelled(names: Sequence[str], values: Sequence[object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in zip(names, values, strict=True))
