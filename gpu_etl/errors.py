"""Errors that every command ends on, apart from the modules that raise them, which take long to import.

Belongs here: error types that ``gpu_etl.cli`` catches whatever it runs. Does not belong here: errors of one room.
"""

from __future__ import annotations


class SettingsError(ValueError):
    """A setting with a bad value; the message is one line naming the variable, the value and what is allowed."""
