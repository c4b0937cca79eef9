"""The settings that Dagster's definitions are made with.

Belongs here: reading them once, for all that is declared when the definitions are imported. Does not belong here: what
a run goes by; it reads them when it begins.
"""

from __future__ import annotations

from gpu_etl.settings import load_settings

SETTINGS = load_settings()
