"""Brings the database's tables to this version: the files of `migrations`, each once, in order.

The files bear the names that Supabase's command line gives, and each may be applied twice without harm, so
that `supabase db push`, `psql -f` and this module can take turns.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from antiphon.core.errors import SetupError
from antiphon.store.database import Database, Say

FOLDER = Path(__file__).with_name("migrations")
LOCK = 0x616E7469
"Held while migrating, so that of several processes one does it."

PREPARE = """
create schema if not exists app;
create table if not exists app.migrations (
  version text primary key,
  name text not null,
  sha256 text not null,
  applied_at timestamptz not null default now()
);
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: `version` is its leading time stamp."""

    version: str
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


def read_migrations(folder: Path = FOLDER) -> tuple[Migration, ...]:
    """All there are, oldest first."""
    return tuple(
        Migration(path.stem.partition("_")[0], path.stem.partition("_")[2], path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.sql"))
    )


async def migrate(database: Database, *, folder: Path = FOLDER, say: Say = lambda text: None) -> int:
    """Every migration is applied; returns how many were new. All or none. Raises SetupError, StoreUnavailable."""
    migrations = read_migrations(folder)
    async with database.transaction() as connection:
        await connection.execute("set local client_min_messages = warning")
        await connection.execute("select pg_advisory_xact_lock($1)", LOCK, timeout=600)
        if not await connection.fetchval("select to_regclass('app.migrations') is not null"):
            await connection.execute(PREPARE)
        rows = await connection.fetch("select version, name, sha256 from app.migrations")
        applied = {row["version"]: row for row in rows}
        new = [migration for migration in migrations if migration.version not in applied]
        for migration in migrations:
            row = applied.get(migration.version)
            if row is not None and row["sha256"] != migration.sha256:
                raise SetupError(
                    f"the migration {migration.version}_{migration.name}.sql was changed after it was applied "
                    "to this database; restore the file and put the change into one of its own"
                )
        unknown = sorted(applied.keys() - {migration.version for migration in migrations})
        if unknown:
            name = applied[unknown[-1]]["name"]
            raise SetupError(
                f"the database was made by a later version (migration {unknown[-1]}_{name}); update Antiphon"
            )
        for migration in new:
            say(f"bringing the database to {migration.name}")
            try:
                await connection.execute(migration.sql, timeout=600)
            except asyncpg.PostgresError as error:
                raise SetupError(
                    f"the migration {migration.version}_{migration.name}.sql failed: {error}; the user of "
                    "DATABASE_URL must own the database and, the first time, be able to create roles"
                ) from error
            await connection.execute(
                "insert into app.migrations (version, name, sha256) values ($1, $2, $3)",
                migration.version,
                migration.name,
                migration.sha256,
            )
    return len(new)
