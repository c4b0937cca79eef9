"""What the project talks to: one resource each, and which of them Dagster is given."""

from __future__ import annotations

from typing import Any

from gpu_etl.settings import Settings


def build_resources(settings: Settings) -> dict[str, Any]:
    """The resources of a code location with these settings, by the name that assets ask for them."""
    from gpu_etl.resources.http import HttpResource
    from gpu_etl.resources.notifier import NotifierResource
    from gpu_etl.resources.postgres import PostgresResource
    from gpu_etl.resources.reddit import RedditResource

    return {
        "settings": settings,
        "keyword_rules": _keyword_rules(settings),
        "http": HttpResource.from_settings(settings),
        "reddit": RedditResource(),
        "postgres": PostgresResource(),
        "notifier": NotifierResource(),
    }


def _keyword_rules(settings: Settings) -> Any:
    """A person's own rules are read at once, so that a slip in them is told before anything runs; the package's have
    none, and wait for the run that needs them."""
    import dagster as dg

    if settings.reddit_keywords_file:
        return settings.keyword_rules()
    return dg.ResourceDefinition(lambda _: settings.keyword_rules())
