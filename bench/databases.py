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

from bench.workspace import BENCH_DIR, PLAN_DIR, PORTAL, ROOT, WORK_DIR, clean_environment, run_manage
from tests.ports import reserve_port
from tests.postgres import SETTINGS, find_binaries, unprivileged_user

SCALE = int(os.environ.get("BENCH_SCALE", "1"))  # how many times smaller, to try out the bench itself
SIZE = {"--projects": str(100_000 // SCALE), "--lines": str(1_000_000 // SCALE), "--years": "10", "--seed": "1"}
# A thousandth of it, for pages of which the plan alone has nothing to show.
SMALL = SIZE | {"--projects": "100", "--lines": "1000"}
ENTRIES = 1_000_000 // SCALE  # of the search
# Modules that decide how a document is indexed.
INDEXING_MODULES = (
    *(f"search/index/{name}" for name in ("bitmaps", "documents", "limits", "ngrams", "posting_lists")),
    *(f"search/search_documents/{name}_documents" for name in ("area", "department", "plan", "project", "strategy")),
    *("search/search_documents/facet_values", "search/document_sources", "search/site_index", "normalize"),
)
# By bench/fill_database.py.
GENERATED_KINDS = {"generated": "架空のカタログ", "small": "小さい架空のカタログ", "entries": "検索の項目"}
TEMPLATE = "empty"  # a database of PostgreSQL with tables, and no rows of ours

# The tables of a database of PostgreSQL, with their columns, and how SQLite is asked for these: bytes as digits.
TABLES_QUERY = r"""
SELECT relname, string_agg(quote_ident(attname), ', ' ORDER BY attnum), string_agg(
    CASE atttypid WHEN 'bytea'::regtype THEN format('iif(%1$I IS NULL, NULL, ''\x'' || hex(%1$I))', attname)
    ELSE quote_ident(attname) END, ', ' ORDER BY attnum)
FROM pg_class INNER JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped GROUP BY relname
"""
# Constraints that no foreign key relies on, and indexes that belong to no constraint. Both are created faster after the
# rows are inserted. Each row holds the statement that drops one and the statement that creates it again.
CONSTRAINTS_QUERY = """
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname),
    format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
FROM pg_constraint AS own WHERE contype IN ('p', 'u') AND connamespace = 'public'::regnamespace
    AND NOT EXISTS (SELECT 1 FROM pg_constraint AS other WHERE other.contype = 'f' AND other.conindid = own.conindid)
"""
INDEXES_QUERY = """
SELECT format('DROP INDEX %I', indexname), indexdef
FROM pg_indexes INNER JOIN pg_class ON relname = indexname AND relnamespace = 'public'::regnamespace
WHERE NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = pg_class.oid)
"""
WITHOUT_TRIGGERS = {"PGOPTIONS": "-c session_replication_role=replica -c TimeZone=UTC"}  # parents after children, too


def fingerprint() -> str:
    """Return a hash of everything a database depends on: migrations, the plan, generators, the index, its size."""
    digest = blake2b(str([sorted(SIZE.items()), sorted(SMALL.items())]).encode(), digest_size=6)
    apps = ("catalog", "projects", "budgets", "dxportal")
    migrations = [path for app in apps for path in (ROOT / app).rglob("migrations/*.py")]
    makers = [
        *(BENCH_DIR / f"{name}.py" for name in ("search_generator", "fill_database", "databases")),
        ROOT / "dxportal/bulk_insert.py",
    ]
    generated = (BENCH_DIR / "generated").glob("*.py")
    index = [ROOT / "dxportal" / f"{name}.py" for name in INDEXING_MODULES]
    for path in sorted([*migrations, *makers, *generated, *index, *PLAN_DIR.glob("*.yaml")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def fill_sqlite(url: str, kind: str) -> None:
    """Create the SQLite database of a kind."""
    if kind == "plan":
        run_manage("migrate", "--verbosity=0", DATABASE_URL=url)
        run_manage("load_plan", PLAN_DIR, DATABASE_URL=url)
    else:
        shutil.copy(*(address.removeprefix("sqlite:///") for address in (sqlite_url("plan"), url)))
    if kind in GENERATED_KINDS:
        print(f"{GENERATED_KINDS[kind]}を作っています。一度だけ、何分かかかります。", flush=True)
        variables = clean_environment(DATABASE_URL=url, DJANGO_SETTINGS_MODULE="bench.settings")
        subprocess.run([PORTAL, "-m", "bench.fill_database", kind], cwd=ROOT, env=variables, check=True)


def copy_to_postgresql(file: str, url: str) -> None:
    """Replace the rows of a PostgreSQL database by those of a SQLite database with the same tables.

    Sequences are not advanced, since the database is only read afterwards.
    """
    tables, deferred = run_psql(url, TABLES_QUERY), [*run_psql(url, CONSTRAINTS_QUERY), *run_psql(url, INDEXES_QUERY)]
    script = [f"TRUNCATE {', '.join(table for table, _, _ in tables)};", *(f"{drop};" for drop, _ in deferred)]
    for table, names, values in tables:
        read = shlex.join(["sqlite3", "-csv", file, f"SELECT {values} FROM {table}"])  # noqa: S608  # names from the catalogue of a database of ours
        program = read.replace("'", "''")
        # A table truncated and filled in one transaction needs neither WAL nor vacuum (FREEZE).
        script.append(f"\\copy {table} ({names}) FROM PROGRAM '{program}' (FORMAT csv, FREEZE)")
    script += ["SET maintenance_work_mem = '256MB';", *(f"{create};" for _, create in deferred)]
    write = ["psql", "-XAtq1", "-v", "ON_ERROR_STOP=1", "-f", "-", url]
    subprocess.run(write, input="\n".join(script), text=True, check=True, env=os.environ | WITHOUT_TRIGGERS)


def sqlite_url(kind: str) -> str:
    """Return the URL of a SQLite database of a kind: `plan`, `generated` or `entries`."""
    file = WORK_DIR / f"{kind}-{fingerprint()}.sqlite3"
    url = f"sqlite:///{file}"
    if not file.exists():
        WORK_DIR.mkdir(parents=True, exist_ok=True)
        new = file.with_suffix(".new")
        for leftover in WORK_DIR.glob(f"{new.name}*"):
            leftover.unlink()
        fill_sqlite(f"sqlite:///{new}", kind)
        subprocess.run(["sqlite3", new, "PRAGMA wal_checkpoint(TRUNCATE); ANALYZE;"], check=True, capture_output=True)
        new.rename(file)
    return url


@contextmanager
def sqlite_urls(*kinds: str) -> Iterator[list[str]]:
    """Yield the URLs of SQLite databases; the counterpart of `postgresql_urls`."""
    yield [sqlite_url(kind) for kind in kinds]


@contextmanager
def postgresql_urls(*kinds: str) -> Iterator[list[str]]:
    """Yield the URLs of databases of a server that runs until the block ends."""
    with run_postgresql() as (address, _):
        yield [ensure_database(address, kind) for kind in kinds]


@contextmanager
def postgresql_url(kind: str) -> Iterator[tuple[str, int]]:
    """Yield the URL of a database of a server that runs until the block ends, and the server's pid."""
    with run_postgresql() as (address, process):
        yield ensure_database(address, kind), process


def ensure_database(address: str, kind: str) -> str:
    """Return the URL of a database of a server, after copying it from SQLite if it is missing."""
    with create_database(address, kind, TEMPLATE) as new:
        if new:
            copy_to_postgresql(sqlite_url(kind).removeprefix("sqlite:///"), new)
            run_psql(new, "ANALYZE")
    return f"{address}/{kind}"


@contextmanager
def create_database(address: str, name: str, template: str) -> Iterator[str]:
    """Create a database that gets its name when the block ends; yield its URL, or an empty string if it exists.

    A database left behind by an interrupted run is dropped and created again.
    """
    maintenance_url, new = f"{address}/postgres", f"new_{name}"
    if [name] in run_psql(maintenance_url, "SELECT datname FROM pg_database"):
        yield ""
        return
    run_psql(maintenance_url, f"DROP DATABASE IF EXISTS {new}")
    run_psql(maintenance_url, f"CREATE DATABASE {new} TEMPLATE {template}")
    yield f"{address}/{new}"
    run_psql(maintenance_url, f"ALTER DATABASE {new} RENAME TO {name}")


@contextmanager
def run_postgresql() -> Iterator[tuple[str, int]]:
    """Run a PostgreSQL server until the block ends; yield its URL and its pid."""
    folder = find_binaries()
    if folder is None:
        raise RuntimeError("PostgreSQL がありません。make bench が入れます。")
    user = unprivileged_user()
    home = WORK_DIR / f"postgresql-{fingerprint()}"
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
        with create_database(address, TEMPLATE, "template1") as new:
            if new:
                run_manage("migrate", "--verbosity=0", DATABASE_URL=new)
        yield address, int((data / "postmaster.pid").read_text().split()[0])
    finally:
        run("pg_ctl", "-D", data, "-m", "fast", "-w", "stop")


def run_psql(url: str, statement: str) -> list[list[str]]:
    """Return the rows of a statement, as text."""
    command = ["psql", "-XAtq", "-F", "\t", "-c", statement, url]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return [line.split("\t") for line in done.stdout.splitlines()]
