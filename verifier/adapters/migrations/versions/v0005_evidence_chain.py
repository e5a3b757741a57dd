"""Evidence as an append-only hash chain. What was recorded before waits to be sealed into it."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ROWS_AT_ONCE = 500
_NUMBERS = ("trust_sequence", "trust_age_hours", "status_age_hours")
_TEXTS = ("profile", "role", "ended", "outcome", "code", "identity")

_COVERED = "EXISTS (SELECT 1 FROM evidence_checkpoints WHERE sequence >= OLD.sequence)"
_SQLITE = (
    """CREATE TRIGGER evidence_waiting_unchanged BEFORE UPDATE ON evidence_waiting
       BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END""",
    """CREATE TRIGGER evidence_chain_unchanged BEFORE UPDATE ON evidence_chain
       BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END""",
    f"""CREATE TRIGGER evidence_chain_kept BEFORE DELETE ON evidence_chain WHEN NOT {_COVERED}
       BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END""",
    """CREATE TRIGGER evidence_checkpoints_unchanged BEFORE UPDATE ON evidence_checkpoints
       BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END""",
    """CREATE TRIGGER evidence_checkpoints_kept BEFORE DELETE ON evidence_checkpoints
       BEGIN SELECT RAISE(ABORT, 'evidence is append-only'); END""",
)
_POSTGRESQL = (
    """CREATE FUNCTION evidence_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN RAISE EXCEPTION 'evidence is append-only'; END $$""",
    f"""CREATE FUNCTION evidence_is_covered() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN IF {_COVERED} THEN RETURN OLD; END IF;
       RAISE EXCEPTION 'evidence is append-only'; END $$""",
    """CREATE TRIGGER evidence_waiting_unchanged BEFORE UPDATE ON evidence_waiting
       FOR EACH ROW EXECUTE FUNCTION evidence_is_append_only()""",
    """CREATE TRIGGER evidence_chain_unchanged BEFORE UPDATE ON evidence_chain
       FOR EACH ROW EXECUTE FUNCTION evidence_is_append_only()""",
    """CREATE TRIGGER evidence_chain_kept BEFORE DELETE ON evidence_chain
       FOR EACH ROW EXECUTE FUNCTION evidence_is_covered()""",
    """CREATE TRIGGER evidence_chain_not_emptied BEFORE TRUNCATE ON evidence_chain
       FOR EACH STATEMENT EXECUTE FUNCTION evidence_is_append_only()""",
    """CREATE TRIGGER evidence_checkpoints_kept BEFORE UPDATE OR DELETE ON evidence_checkpoints
       FOR EACH ROW EXECUTE FUNCTION evidence_is_append_only()""",
)


def upgrade() -> None:
    """Create the chain's tables, move the old records, let the engine refuse changes."""
    waiting = op.create_table(
        "evidence_waiting",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("hour", sa.BigInteger, nullable=False, index=True),
        sa.Column("content", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "evidence_chain",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("previous", sa.LargeBinary, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    standing = op.create_table(
        "evidence_standing",
        sa.Column("only", sa.Integer, primary_key=True),
        sa.Column("recorded", sa.BigInteger, nullable=False),
        sa.Column("sequence", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "evidence_checkpoints",
        sa.Column("sequence", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("signed", sa.Text, nullable=False),
    )
    moved = _move_old_records(waiting)
    first = {"only": 1, "recorded": moved, "sequence": 0, "hash": bytes(32)}
    op.bulk_insert(standing, [first])
    op.drop_table("evidence")
    dialect = op.get_bind().dialect.name
    for statement in {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}.get(dialect, ()):
        op.execute(statement)


def _move_old_records(waiting: sa.Table) -> int:
    names = ("id", "hour", "checks", *_TEXTS, *_NUMBERS)
    old = sa.table("evidence", *(sa.column(name) for name in names))
    found = op.get_bind().execute(sa.select(old)).mappings().all()
    for at in range(0, len(found), _ROWS_AT_ONCE):
        rows = found[at : at + _ROWS_AT_ONCE]
        op.bulk_insert(
            waiting,
            [{"id": row["id"], "hour": row["hour"], "content": _content(row)} for row in rows],
        )
    return len(found)


def _content(row: sa.RowMapping) -> str:
    told = {name: row[name] for name in ("hour", *_TEXTS, *_NUMBERS)}
    members = {**told, "v": 1, "confirmation": None, "checks": json.loads(row["checks"])}
    return json.dumps(members, sort_keys=True, separators=(",", ":"))
