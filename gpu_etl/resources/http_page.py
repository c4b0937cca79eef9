"""One response as it came.

Belongs here: the record. Does not belong here: what the page says or whether it is a captcha (``sources``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from gpu_etl.resources.http_urls import masked


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """A whole response, whatever its status.

    ``url`` was asked for (with its parameters), ``final_url`` answered after redirects; both are the real ones, so
    show ``masked(url)``. ``headers`` have lower-case names and no cookies. ``body`` is decompressed, the charset is
    not touched. ``fetched_at`` (aware) is when the request started, ``elapsed`` the seconds from then to the last
    byte; for a page that took several tries or hops, those of the last one.
    """

    url: str
    final_url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime
    elapsed: float

    @property
    def content_type(self) -> str | None:
        """The Content-Type header as sent."""
        return self.headers.get("content-type")

    @property
    def answered_at(self) -> datetime | None:
        """When the server's clock says that it answered: its Date, and how long a cache has held that since (Age)."""
        try:
            dated = parsedate_to_datetime(self.headers.get("date", ""))
            held = timedelta(seconds=int(self.headers.get("age", "0")))
        except ValueError:
            return None
        return dated + held if dated.tzinfo else None  # "-0000" tells no zone

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx; says nothing about the body."""
        return 200 <= self.status < 300

    def __repr__(self) -> str:
        return f"<Page {self.status} {masked(self.final_url)} {len(self.body)} bytes>"
