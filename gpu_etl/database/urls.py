"""Addresses of PostgreSQL: which driver reads them, and how they are shown.

Belongs here: the spelling of addresses. Does not belong here: connecting.

SQLAlchemy 2.1 reads a bare ``postgresql://`` as psycopg 3 while dagster-postgres brings psycopg2, so both are
spelled out.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from gpu_etl.database.errors import DatabaseError

_SCHEMES = ("postgresql", "postgres")


def for_product(url: str) -> str:
    """The same address for SQLAlchemy with psycopg 3.

    Raises:
        DatabaseError: when it is no PostgreSQL address.
    """
    return f"postgresql+psycopg://{_rest(url)}"


def for_dagster(url: str) -> str:
    """The same address for SQLAlchemy with psycopg2, as dagster-postgres needs it.

    Raises:
        DatabaseError: when it is no PostgreSQL address.
    """
    return f"postgresql+psycopg2://{_rest(url)}"


def for_libpq(url: str) -> str:
    """The same address without a driver, as psycopg, ``psql`` and ``pg_dump`` read it.

    Raises:
        DatabaseError: when it is no PostgreSQL address.
    """
    return f"postgresql://{_rest(url)}"


def on_socket(folder: str, port: int, database: str, user: str) -> str:
    """The address of a server that listens on a Unix socket in ``folder`` (psycopg 3 spelling)."""
    query = urlencode({"host": folder, "port": port}, quote_via=quote)  # libpq reads + as itself
    return f"postgresql+psycopg://{user}@/{database}?{query}"


def parameters(url: str) -> dict[str, str]:
    """The connection parameters that an address holds, under libpq's names.

    Raises:
        DatabaseError: when the address cannot be read. Neither it nor its password is in the message.
    """
    try:
        found = {name: str(value) for name, value in conninfo_to_dict(for_libpq(url)).items() if value is not None}
    except ProgrammingError:  # its message quotes the part that libpq stumbled over, which may be the password
        found = {}
    # A password with a bare @ or / in it is cut there, and its rest taken for the host or port.
    if not found or "@" in found.get("host", "").partition("/")[0] or not _is_port(found.get("port", "")):
        raise DatabaseError(
            "DATABASE_URL cannot be read: it must look like postgresql://user:password@host:5432/database, "
            "with special characters of the password percent-encoded"
        )
    return found


def describe(found: dict[str, str]) -> str:
    """Where an address leads, in words, never the password: ``database "gpu" on db.example:5432 as user "etl"``."""
    host = found.get("host") or found.get("hostaddr") or "the local socket"
    place = f"{host}:{found.get('port', '5432')}" if "host" in found and not host.startswith("/") else host
    user = found.get("user", "")
    return f'database "{found.get("dbname") or user}" on {place}' + (f' as user "{user}"' if user else "")


def _is_port(value: str) -> bool:
    return all(part.isdecimal() for part in value.split(",") if part)


def _rest(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    if not separator or scheme.split("+")[0] not in _SCHEMES:
        raise DatabaseError("DATABASE_URL must be a postgresql:// address")
    return rest
