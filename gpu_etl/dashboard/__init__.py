"""The web pages: what the market did, what to do about it, and where each number comes from.

Belongs here: showing stored numbers in a browser, as JSON and as CSV. Does not belong here: SQL
(``database.dashboard_*``), formulas (``market``), starting the server (``cli.dashboard``).

How a page is made, with ``pages/chipsets.py`` as the pattern:

1. ``database/dashboard_<name>.py`` asks: bound, indexed queries that return frozen dataclasses.
2. ``dashboard/pages/<name>.py`` holds one frozen dataclass with everything the page shows, one ``load(connection,
   asked)`` that fills it, and one ``PAGE = Page(...)``. Raise ``NotThereError`` for a thing that does not exist.
3. ``dashboard/templates/pages/<name>.html`` extends ``base.html``; ``page`` is that dataclass.
4. Its words stand in ``words/en.yaml`` and ``words/ko.yaml`` under the page's name.
5. The page is named in ``pages/__init__.py``.

The rest follows from the dataclass: the HTML at ``path``, the same object as JSON at ``/api<path>``, and every field of
it that is a ``list`` of dataclasses as CSV at ``/api<path>/<field>.csv``.
"""
