"""The kinds of values that a setting may have, and the one-line complaint about one that it may not.

Belongs here: what is allowed, as types that a field of ``Settings`` is declared with. Does not belong here: which
settings there are and what they mean (``settings``).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import NoDecode

from gpu_etl import catalog
from gpu_etl.market.alerts import Kind

T = TypeVar("T")


def _words(value: object) -> object:
    """Split ``a, b c`` into its words, so that lists can be written plainly in ``.env``."""
    return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value


def _addresses(value: object) -> object:
    return tuple(value.split()) if isinstance(value, str) else value  # an address may hold a comma


def _empty_is_unset(value: object) -> object:
    return None if value == "" else value


@cache
def _zones() -> frozenset[str]:
    """All zones; to find them takes a walk through the system's files, and settings are read in many places."""
    return frozenset(available_timezones())


def _known_zone(value: str) -> str:
    # ZoneInfo("") and abbreviations such as KST either fail late or mean something else than their reader thinks.
    if value not in _zones() or ("/" not in value and value != "UTC"):
        raise ValueError("an IANA zone such as Asia/Seoul, America/New_York or UTC")
    return value


def _is_web_address(value: str) -> bool:
    parts = urlsplit(value)
    if "@" in parts.netloc:  # it would be stored, logged and shown with every page that is read
        raise ValueError("without a user or password in the address")
    return parts.scheme in ("http", "https") and bool(parts.hostname)


def is_loopback(url: str) -> bool:
    """Whether an address is one of this machine alone."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _web_address(value: str) -> str:
    if not _is_web_address(value):
        raise ValueError("an http:// or https:// address")
    return value.rstrip("/")


def _web_addresses(value: tuple[str, ...]) -> tuple[str, ...]:
    for url in value:
        if not _is_web_address(url):
            raise ValueError(f"http:// or https:// addresses, and {url!r} is none")
    return value


def _subreddits(value: tuple[str, ...]) -> tuple[str, ...]:
    names = tuple(name.removeprefix("/").removeprefix("r/") for name in value)
    if not names:
        raise ValueError("names of subreddits, at least one")
    for name in names:
        if not name.replace("_", "").isalnum() or not name.isascii():
            raise ValueError(f"names of subreddits, and {name!r} is none")
    return names


def _known_chipsets(value: str) -> str:
    try:
        catalog.scope(value)
    except ValueError as error:
        raise ValueError(f"empty, all, rtx-4070-series, or names of chipsets: {error}") from None
    return value


def _postgres(value: SecretStr | None) -> SecretStr | None:
    if value and urlsplit(value.get_secret_value()).scheme.split("+")[0] not in ("postgresql", "postgres"):
        raise ValueError("a postgresql:// address")
    return value


def _alert_kinds(value: tuple[str, ...]) -> tuple[str, ...]:
    for name in value:
        if name not in list(Kind):
            raise ValueError(f"empty or of {', '.join(Kind)}, and {name!r} is none")
    return value


def _folder(value: object) -> object:
    try:
        if value != "":  # it would be the current folder, whichever that is
            Path(str(value)).expanduser()
            return value
    except RuntimeError:  # a ~ of nobody on this machine
        pass
    raise ValueError("the path of a folder")


def or_default(default: str) -> BeforeValidator:
    """For a text whose empty variable means ``default``."""
    return BeforeValidator(lambda value: default if value == "" else value)


OrUnset = Annotated[T | None, BeforeValidator(_empty_is_unset)]
"""A value, or ``None`` where the variable is empty."""
Zone = Annotated[str, AfterValidator(_known_zone)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
"""Without a slash at its end."""
WebAddresses = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_addresses), AfterValidator(_web_addresses)]
SecretAddresses = Annotated[tuple[SecretStr, ...], NoDecode, BeforeValidator(_addresses)]
AlertKinds = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words), AfterValidator(_alert_kinds)]
Subreddits = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words), AfterValidator(_subreddits)]
Folder = Annotated[Path, BeforeValidator(_folder)]
HostNames = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_words)]
Chipsets = Annotated[str, AfterValidator(_known_chipsets)]
PostgresAddress = Annotated[SecretStr, AfterValidator(_postgres)]


def complaint(error: ValidationError, fields: Mapping[str, FieldInfo]) -> str:
    """The first problem in one line: the variable, its value unless it is secret, what is allowed, what it is for."""
    problem = error.errors(include_url=False)[0]
    message = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:
        return message
    name = str(problem["loc"][0])
    field = fields[name]
    secret = "Secret" in str(field.annotation) or ("://" in str(problem["input"]) and "@" in str(problem["input"]))
    shown = "(not shown)" if secret else repr(problem["input"])
    return f"{name.upper()}={shown}: must be {_allowed(problem['type'], message)} ({field.description})"


def _allowed(kind: str, message: str) -> str:
    """Turn pydantic's sentence into what follows "must be"."""
    if kind in ("int_parsing", "int_type", "int_from_float"):
        return "a whole number"
    if kind in ("float_parsing", "float_type"):
        return "a number"
    if kind.startswith("datetime"):
        return "a time such as 2026-03-01T10:00:00+09:00"
    for opening in ("Input should be a valid ", "Input should be "):
        if message.startswith(opening):
            return (
                message.removeprefix(opening).split(",")[0]
                if opening.endswith("valid ")
                else message.removeprefix(opening)
            )
    return message
