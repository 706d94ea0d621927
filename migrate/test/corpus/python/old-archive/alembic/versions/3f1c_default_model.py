"""Set the default model."""
from alembic import op

revision = "3f1c"


def upgrade():
    op.execute("UPDATE bots SET model = 'claude-3-5-sonnet-20240620' WHERE model IS NULL")


def downgrade():
    op.execute("UPDATE bots SET model = NULL WHERE model = 'claude-3-5-sonnet-20240620'")
