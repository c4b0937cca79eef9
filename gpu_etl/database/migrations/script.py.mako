<%
def plain(text):
    lines = [line for line in (text or "pass").splitlines() if not line.strip().startswith("# ###")]
    return "\n".join(lines).strip()
%>\
"""${message}."""
# ruff: noqa: E501 - what a column means is written on one line

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the change."""
    ${plain(upgrades)}


def downgrade() -> None:
    """Take the change back; what it stored is lost."""
    ${plain(downgrades)}
