"""What goes wrong with the database, in one line that a person can act on.

Belongs here: the error type. Does not belong here: deciding when it is raised.
"""

from __future__ import annotations


class DatabaseError(RuntimeError):
    """The database cannot be used; the message is one line naming host, database and reason, never the password.

    ``transient`` tells whether the same work may succeed when it is done again: a lost connection, a deadlock.
    """

    def __init__(self, message: str, *, transient: bool = False) -> None:
        super().__init__(" ".join(message.split()))
        self.transient = transient
