"""The databases that are measured: the plan as shipped, and with the generated catalogue, on both engines.

They are made once and kept as long as what they are made of stays as it is.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from hashlib import blake2b
from pathlib import Path

from bench.places import BENCH, KEPT, PLAN, PORTAL, ROOT, environment, manage
from bench.processes import free_port
from tests.postgres import SETTINGS, binaries, unprivileged

SCALE = int(os.environ.get("BENCH_SCALE", "1"))  # how many times smaller, to try out the bench itself
SIZE = {"--projects": str(100_000 // SCALE), "--lines": str(1_000_000 // SCALE), "--years": "10", "--seed": "1"}
ENTRIES = 1_000_000 // SCALE  # of the search
# What decides how an entry is indexed.
INDEXING = ("buckets", "entries", "findable", "folding", "grams", "numbering", "numbers", "writing")
EMPTY = "empty"  # a database of PostgreSQL with tables, and no rows of ours

# The columns of a table of PostgreSQL, and how SQLite is asked for them: bytes as digits.
COLUMNS = """
SELECT string_agg({column}, ', ' ORDER BY attnum) FROM pg_attribute
WHERE attrelid = '{table}'::regclass AND attnum > 0 AND NOT attisdropped
"""
AS_TEXT = r"""
CASE atttypid WHEN 'bytea'::regtype THEN format('iif(%1$I IS NULL, NULL, ''\x'' || hex(%1$I))', attname)
ELSE quote_ident(attname) END
"""
# Those that are no part of a constraint, which cannot be left out.
INDEXES = """
SELECT {column} FROM pg_indexes INNER JOIN pg_class ON relname = indexname AND relnamespace = 'public'::regnamespace
WHERE NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = pg_class.oid)
"""
IN_ANY_ORDER = {"PGOPTIONS": "-c session_replication_role=replica -c TimeZone=UTC"}  # parents after children, too


# Which databases the groups are measured with, of SQLite and of both.
OF_SQLITE = {"pages": ("plan",), "cold": ("plan",)}
OF_BOTH = {"exports": ("generated",), "growth": ("plan", "generated"), "search": ("entries",)}


def prepare(groups: Iterable[str]) -> None:
    """Make the databases of these groups that are not there yet, each kind beside the others."""
    of_both = {kind for group in groups for kind in OF_BOTH.get(group, ())}
    for kind in ("plan", *(kind for group in groups for kind in OF_SQLITE.get(group, ()))):
        sqlite(kind)  # the others begin as copies of the plan
    if of_both:
        with server() as (address, _), ThreadPoolExecutor() as pool:
            list(pool.map(partial(made, address), of_both))


def made_of() -> str:
    """A short name for all that a database follows from: migrations, the plan, the generators, the index, its size."""
    digest = blake2b(str(sorted(SIZE.items())).encode(), digest_size=6)
    apps = ("catalog", "projects", "budgets", "dxportal")
    migrations = [path for app in apps for path in (ROOT / app).rglob("migrations/*.py")]
    makers = [*(ROOT / "dxportal" / "generated").glob("*.py"), BENCH / "entries.py", BENCH / "databases.py"]
    index = [ROOT / "dxportal" / "search" / f"{name}.py" for name in INDEXING]
    for path in sorted([*migrations, *makers, *index, *PLAN.glob("*.yaml")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def fill(url: str, kind: str) -> None:
    """Make the SQLite database of a kind."""
    if kind == "plan":
        manage("migrate", "--verbosity=0", DATABASE_URL=url)
        manage("load_plan", PLAN, DATABASE_URL=url)
    else:
        shutil.copy(*(one.removeprefix("sqlite:///") for one in (sqlite("plan"), url)))
    if kind == "generated":
        print("架空のカタログを作っています。一度だけ、何分かかかります。", flush=True)
        options = [part for option in SIZE.items() for part in option]
        manage("generate_catalogue", *options, DATABASE_URL=url)
    if kind == "entries":
        print("検索の項目を作っています。一度だけ、何分かかかります。", flush=True)
        facts = environment(DATABASE_URL=url, DJANGO_SETTINGS_MODULE="dxportal.settings")
        subprocess.run([PORTAL, "-m", "bench.entries", str(ENTRIES), "anew"], cwd=ROOT, env=facts, check=True)


def copy(file: str, url: str) -> None:
    """Put the rows of a SQLite database in place of those of a PostgreSQL one, which has the same tables. Its sequences
    stay where they are, for it is only read from then on.
    """
    tables = psql(url, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
    indexes = psql(url, INDEXES.format(column="quote_ident(indexname)"))
    again = psql(url, INDEXES.format(column="indexdef"))
    script = [f"TRUNCATE {', '.join(tables)};", f"DROP INDEX {', '.join(indexes)};"]
    for table in tables:
        [names] = psql(url, COLUMNS.format(table=table, column="quote_ident(attname)"))
        [values] = psql(url, COLUMNS.format(table=table, column=AS_TEXT))
        read = shlex.join(["sqlite3", "-csv", file, f"SELECT {values} FROM {table}"])  # noqa: S608  # names from the catalogue of a database of ours
        program = read.replace("'", "''")
        # What is emptied and filled in one transaction is neither logged nor to be vacuumed.
        script.append(f"\\copy {table} ({names}) FROM PROGRAM '{program}' (FORMAT csv, FREEZE)")
    script += ["SET maintenance_work_mem = '256MB';", *(f"{index};" for index in again)]
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
    if name in psql(everything, "SELECT datname FROM pg_database"):
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
    port = free_port()

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


def psql(url: str, statement: str) -> list[str]:
    """The lines that a statement answers."""
    done = subprocess.run(["psql", "-XAtq", "-c", statement, url], check=True, capture_output=True, text=True)
    return done.stdout.splitlines()
