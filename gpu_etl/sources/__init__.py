"""The sources: one module (or one family of modules with a common prefix) each, bytes in, typed rows out.

Belongs here: reading what a source says, without I/O, clock or environment. Does not belong here: fetching it
(``resources``), storing it (``database``), judging it (``market``).

What a source of prices is, as ``gpu_etl_tests/sources/test_contract.py`` asks of every one:

- ``classify(status, content_type, body)`` says what an answer is before anything is read from it. A refusal that comes
  with status 200 (captcha, login, no content) is named as such, not as a page whose layout changed.
- ``parse...(body)`` gives :class:`~gpu_etl.sources.records.Offer` records, or ``None`` where the page is about nothing.
  What it does not understand it raises as :class:`~gpu_etl.sources.pages.ParseError` (the whole page) or returns as
  :class:`~gpu_etl.sources.records.Refusal` (one row); no other exception leaves it, whatever the bytes. The same bytes
  give the same records.
- An offer has the source's own stable id of the listing, a title of one line without control characters, and a price in
  minor units of a currency that the page names. No price is ``None``, never 0. A page does not know when it was
  fetched, so ``market_day`` and ``observed_at`` stay ``None``.

A new source is such a module, its reading in ``assets.reading`` and its crawl beside ``assets.shops``, and one line in
the test's list. Everything after that (cards, suspects, changes, index) asks no more where an offer comes from.
"""
