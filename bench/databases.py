"""The databases that are measured: the plan as shipped, and with the generated catalogue, on both engines.

They are made once and kept as long as what they are made of stays as it is.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

from bench.places import BENCH, KEPT, PLAN, PORTAL, ROOT, environment, manage
from tests.ports import reserve_port
from tests.postgres import SETTINGS, binaries, unprivileged

SCALE = int(os.environ.get("BENCH_SCALE", "1"))  # how many times smaller, to try out the bench itself
SIZE = {"--projects": str(100_000 // SCALE), "--lines": str(1_000_000 // SCALE), "--years": "10", "--seed": "1"}
ENTRIES = 1_000_000 // SCALE  # of the search
# Modules that decide how a document is indexed.
INDEXING = (
    *(f"search/index/{name}" for name in ("bitmaps", "documents", "limits", "ngrams", "posting_lists")),
    *("search/document_sources", "search/search_documents", "search/site_index", "normalize"),
)
FILLED = {"generated": "架空のカタログ", "entries": "検索の項目"}  # by bench/filling.py
EMPTY = "empty"  # a database of PostgreSQL with tables, and no rows of ours

# The tables of a database of PostgreSQL, with their columns, and how SQLite is asked for these: bytes as digits.
TABLES = r"""
SELECT relname, string_agg(quote_ident(attname), ', ' ORDER BY attnum), string_agg(
    CASE atttypid WHEN 'bytea'::regtype THEN format('iif(%1$I IS NULL, NULL, ''\x'' || hex(%1$I))', attname)
    ELSE quote_ident(attname) END, ', ' ORDER BY attnum)
FROM pg_class INNER JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped GROUP BY relname
"""
# What is made faster when all rows are there: constraints that no others rely on, and indexes that are part of none;
# how it is taken away, and how made again.
CONSTRAINTS = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint AS own WHERE contype IN ('p', 'u') AND connamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_constraint AS other WHERE other.contype = 'f' AND other.conindid = own.conindid)
"""
INDEXES = """
SELECT format('DROP INDEX %I', indexname), indexdef
FROM pg_indexes INNER JOIN pg_class ON relname = indexname AND relnamespace = 'public'::regnamespace
WHERE NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = pg_class.oid)
"""
IN_ANY_ORDER = {"PGOPTIONS": "-c session_replication_role=replica -c TimeZone=UTC"}  # parents after children, too


def made_of() -> str:
    """A short name for all that a database follows from: migrations, the plan, the generators, the index, its size."""
    digest = blake2b(str(sorted(SIZE.items())).encode(), digest_size=6)
    apps = ("catalog", "projects", "budgets", "dxportal")
    migrations = [path for app in apps for path in (ROOT / app).rglob("migrations/*.py")]
    makers = [*(BENCH / f"{name}.py" for name in ("entries", "filling", "databases")), ROOT / "dxportal/bulk_insert.py"]
    generated = (BENCH / "generated").glob("*.py")
    index = [ROOT / "dxportal" / f"{name}.py" for name in INDEXING]
    for path in sorted([*migrations, *makers, *generated, *index, *PLAN.glob("*.yaml")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def fill(url: str, kind: str) -> None:
    """Make the SQLite database of a kind."""
    if kind == "plan":
        manage("migrate", "--verbosity=0", DATABASE_URL=url)
        manage("load_plan", PLAN, DATABASE_URL=url)
    else:
        shutil.copy(*(one.removeprefix("sqlite:///") for one in (sqlite("plan"), url)))
    if kind in FILLED:
        print(f"{FILLED[kind]}を作っています。一度だけ、何分かかかります。", flush=True)
        facts = environment(DATABASE_URL=url, DJANGO_SETTINGS_MODULE="bench.settings")
        subprocess.run([PORTAL, "-m", "bench.filling", kind], cwd=ROOT, env=facts, check=True)


def copy(file: str, url: str) -> None:
    """Put the rows of a SQLite database in place of those of a PostgreSQL one, which has the same tables. Its sequences
    stay where they are, for it is only read from then on.
    """
    tables, later = psql(url, TABLES), [*psql(url, CONSTRAINTS), *psql(url, INDEXES)]
    script = [f"TRUNCATE {', '.join(table for table, _, _ in tables)};", *(f"{gone};" for gone, _ in later)]
    for table, names, values in tables:
        read = shlex.join(["sqlite3", "-csv", file, f"SELECT {values} FROM {table}"])  # noqa: S608  # names from the catalogue of a database of ours
        program = read.replace("'", "''")
        # What is emptied and filled in one transaction is neither logged nor to be vacuumed.
        script.append(f"\\copy {table} ({names}) FROM PROGRAM '{program}' (FORMAT csv, FREEZE)")
    script += ["SET maintenance_work_mem = '256MB';", *(f"{again};" for _, again in later)]
    write = ["psql", "-XAtq1", "-v", "ON_ERROR_STOP=1", "-f", "-", url]
    subprocess.run(write, input="\n".join(script), text=True, check=True, env=os.environ | IN_ANY_ORDER)


def sqlite(kind: str) -> str:
    """The URL of a SQLite database: `plan`, `generated` or `entries`."""
    file = KEPT / f"{kind}-{made_of()}.sqlite3"
    url = f"sqlite:///{file}"
    if not file.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(".new")
        for left in KEPT.glob(f"{new.name}*"):
            left.unlink()
        fill(f"sqlite:///{new}", kind)
        subprocess.run(["sqlite3", new, "PRAGMA wal_checkpoint(TRUNCATE); ANALYZE;"], check=True, capture_output=True)
        new.rename(file)
    return url


@contextmanager
def sqlites(*kinds: str) -> Iterator[list[str]]:
    """The URLs of some, as `postgresqls` gives them."""
    yield [sqlite(kind) for kind in kinds]


@contextmanager
def postgresqls(*kinds: str) -> Iterator[list[str]]:
    """The URLs of databases of a server that runs until the block ends."""
    with server() as (address, _):
        yield [made(address, kind) for kind in kinds]


@contextmanager
def postgresql(kind: str) -> Iterator[tuple[str, int]]:
    """The URL of a database of a server that runs until the block ends, and the server's process."""
    with server() as (address, process):
        yield made(address, kind), process


def made(address: str, kind: str) -> str:
    """The URL of a database of a server; where it is not there, it is a copy of that of SQLite."""
    with anew(address, kind, EMPTY) as new:
        if new:
            copy(sqlite(kind).removeprefix("sqlite:///"), new)
            psql(new, "ANALYZE")
    return f"{address}/{kind}"


@contextmanager
def anew(address: str, name: str, template: str) -> Iterator[str]:
    """The URL of a database that has this name when the block ends; empty where it is there. One that is left half made
    is made again.
    """
    everything, new = f"{address}/postgres", f"new_{name}"
    if [name] in psql(everything, "SELECT datname FROM pg_database"):
        yield ""
        return
    psql(everything, f"DROP DATABASE IF EXISTS {new}")
    psql(everything, f"CREATE DATABASE {new} TEMPLATE {template}")
    yield f"{address}/{new}"
    psql(everything, f"ALTER DATABASE {new} RENAME TO {name}")


@contextmanager
def server() -> Iterator[tuple[str, int]]:
    """The address of a server of PostgreSQL that runs until the block ends, and its process."""
    folder = binaries()
    if folder is None:
        raise RuntimeError("PostgreSQL がありません。make bench が入れます。")
    user = unprivileged()
    home = KEPT / f"postgresql-{made_of()}"
    port = reserve_port()

    def run(program: str, *arguments: str | Path) -> None:
        subprocess.run(
            [folder / program, *arguments],
            cwd=home,
            user=user.pw_uid if user else None,
            group=user.pw_gid if user else None,
            extra_groups=[] if user else None,
            stdout=subprocess.DEVNULL,
            check=True,
        )

    home.mkdir(parents=True, exist_ok=True)
    if user:
        os.chown(home, user.pw_uid, user.pw_gid)
    data = home / "data"
    if not data.exists():
        run("initdb", "-D", data, "-U", "dxportal", "-E", "UTF8", "--locale=C", "--auth=trust", "--no-sync")
    settings = SETTINGS | {"wal_level": "minimal", "max_wal_senders": "0", "shared_buffers": "512MB"}
    settings |= {"port": str(port), "unix_socket_directories": str(home)}
    options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
    run("pg_ctl", "-D", data, "-l", home / "log", "-w", "-t", "60", "-o", options, "start")
    address = f"postgres://dxportal@127.0.0.1:{port}"
    try:
        with anew(address, EMPTY, "template1") as new:
            if new:
                manage("migrate", "--verbosity=0", DATABASE_URL=new)
        yield address, int((data / "postmaster.pid").read_text().split()[0])
    finally:
        run("pg_ctl", "-D", data, "-m", "fast", "-w", "stop")


def psql(url: str, statement: str) -> list[list[str]]:
    """The rows that a statement answers."""
    command = ["psql", "-XAtq", "-F", "\t", "-c", statement, url]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [line.split("\t") for line in done.stdout.splitlines()]
