"""The schema's history, run by Alembic.

Belongs here: one file a change under ``versions``, written out in full: a revision never imports the living tables.
"""

HEAD = "0003"
"""The newest revision, written down so that opening a current database needs no Alembic (a test compares the two)."""
