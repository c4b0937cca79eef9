"""The learned score: how probable it is that a card's price falls, why, and how well that was foreseen.

In reading order: ``price_panel`` (the prices, days by cards), ``features`` (with ``groups``) and ``labels`` (what is
looked at, what is predicted), ``model`` (with ``trees``), ``words`` (its parts for people), ``walk_forward`` and
``evaluation`` (how good it is), ``shipped`` (the one in the package).
"""
