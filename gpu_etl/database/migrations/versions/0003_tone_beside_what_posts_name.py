"""tone beside what posts name."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = ("chipset_mentions", "market_signals")


def upgrade() -> None:
    """Apply the change: what was found so far has the tone of its post."""
    for table in TABLES:
        op.add_column(
            table,
            sa.Column(
                "polarity",
                sa.Numeric(precision=4, scale=3),
                nullable=True,
                comment="from -1 (speaks ill of cards) to 1 (well); of the post",
            ),
        )
        op.add_column(
            table,
            sa.Column("polarity_sign", sa.SmallInteger(), nullable=True, comment="-1, 0 or 1: bad, neutral, good"),
        )
        op.execute(
            f"""update {table} found set polarity = searched.polarity, polarity_sign = searched.polarity_sign
                from searched_posts searched where searched.post_id = found.post_id"""  # noqa: S608
        )


def downgrade() -> None:
    """Take the change back; what it stored is lost, but each post's own tone stays."""
    for table in TABLES:
        op.drop_column(table, "polarity_sign")
        op.drop_column(table, "polarity")
