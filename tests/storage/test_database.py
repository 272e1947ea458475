"""The store: what was acknowledged is there, whatever happens to the process or the disk."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from llmchat.domain.errors import ConfigError, StorageError
from llmchat.storage.database import Database
from llmchat.storage.jobs import JobStore
from llmchat.storage.location import Location, network_file_system
from llmchat.storage.lock import DataDirLock
from llmchat.storage.migrations import MIGRATIONS, open_migrated

ROOT = Path(__file__).resolve().parents[2]
_INSERT = """
insert into job(id, request, digest, endpoint, model, state, created)
values (?, ?, '', '', '', '', 0)
"""


def _add(name: str, connection: sqlite3.Connection, size: int = 10) -> None:
    connection.execute(_INSERT, (name, "x" * size))


def _names(connection: sqlite3.Connection) -> list[str]:
    return [name for (name,) in connection.execute("select id from job order by number")]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database.open(tmp_path / "llmchat.db", busy_seconds=0.2)
    yield opened
    await opened.close()


async def test_what_was_written_is_read_and_keeps_its_order(database: Database) -> None:
    commits: list[int] = []
    database.on_commit = lambda _, works: commits.append(works)
    writes = [database.write(lambda c, n=n: _add(str(n), c)) for n in range(200)]  # type: ignore[misc]
    await asyncio.gather(*writes)
    assert await database.read(_names) == [str(n) for n in range(200)]
    assert sum(commits) == 200
    assert len(commits) < 100  # what waited went together


async def test_a_work_that_raises_undoes_itself_and_not_its_neighbours(database: Database) -> None:
    def half(connection: sqlite3.Connection) -> None:
        _add("half", connection)
        raise KeyError("no")

    works = [lambda c: _add("a", c), half, lambda c: _add("a", c), lambda c: _add("b", c)]
    results = await asyncio.gather(*map(database.write, works), return_exceptions=True)
    assert [type(one) for one in results] == [type(None), KeyError, StorageError, type(None)]
    assert await database.read(_names) == ["a", "b"]


async def test_a_wait_that_is_given_up_harms_nobody(database: Database) -> None:
    writes = [database.write(lambda c, n=n: _add(str(n), c)) for n in range(10)]  # type: ignore[misc]
    writes[3].cancel()
    await asyncio.gather(*writes, return_exceptions=True)
    assert len(await database.read(_names)) == 10


async def test_closing_commits_what_waits_and_refuses_the_rest(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "llmchat.db")
    writes = [database.write(lambda c, n=n: _add(str(n), c), sync=n % 2 == 0) for n in range(50)]  # type: ignore[misc]
    await database.close()
    await asyncio.gather(*writes)
    with pytest.raises(StorageError):
        await database.write(lambda c: _add("late", c))
    with pytest.raises(StorageError):
        await database.read(_names)
    assert len(_names(sqlite3.connect(tmp_path / "llmchat.db"))) == 50


async def test_what_must_survive_a_power_cut_is_synced_and_the_rest_is_not(
    database: Database,
) -> None:
    def level(connection: sqlite3.Connection) -> int:
        value: int = connection.execute("pragma synchronous").fetchone()[0]
        return value

    assert await database.write(level, sync=True) == 2  # FULL
    assert await database.write(level) == 1  # NORMAL
    assert await database.write(level, sync=True) == 2


async def test_readers_cannot_write(database: Database) -> None:
    with pytest.raises(StorageError, match="readonly"):
        await database.read(lambda c: _add("a", c))


async def test_a_file_that_another_program_keeps_is_waited_for_and_then_told(
    database: Database, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "llmchat.db", isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(StorageError) as refusal:
        await database.write(lambda c: _add("a", c))
    assert refusal.value.code == "storage-locked"
    other.execute("rollback")
    await database.write(lambda c: _add("b", c))
    assert await database.read(_names) == ["b"]
    other.close()


KILLED = """
import asyncio, sys
from pathlib import Path
from llmchat.storage.database import Database
from tests.storage.test_database import _add

async def main():
    database = Database.open(Path(sys.argv[1]))
    async def write(part):
        for number in range(10**6):
            name = f"{sys.argv[2]}-{part}-{number}"
            await database.write(lambda c: _add(name, c, 500), sync=number % 3 == 0)
            print(name, flush=True)
    await asyncio.gather(*map(write, range(8)))

asyncio.run(main())
"""


def test_after_a_kill_every_acknowledged_row_is_there(tmp_path: Path) -> None:
    path, acknowledged = tmp_path / "llmchat.db", set[str]()
    for round_ in range(5):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(path), str(round_)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert child.stdout is not None
        acknowledged.add(child.stdout.readline().strip())
        time.sleep(random.uniform(0.01, 0.3))
        child.send_signal(signal.SIGKILL)
        acknowledged |= set(child.stdout.read().split("\n")[:-1])
        child.wait()
        child.stdout.close()
    connection = sqlite3.connect(path)
    assert acknowledged - {""} <= set(_names(connection))
    assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    connection.close()


FULL = """
import asyncio, resource, signal, sys
from pathlib import Path
from llmchat.domain.errors import StorageFullError
from llmchat.storage.database import Database
from tests.storage.test_database import _add, _names

async def main():
    path = Path(sys.argv[1])
    database = Database.open(path)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    await database.write(lambda c: _add("before", c))
    resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 6_000_000))
    try:
        for number in range(100):
            await database.write(lambda c: _add(str(number), c, 100_000))
    except StorageFullError as error:
        print(error.status, error.code, database.full, path.with_suffix(".ballast").exists())
    print("before" in await database.read(_names))
    resource.setrlimit(resource.RLIMIT_FSIZE, (6_000_000, 6_000_000))
    await database.write(lambda c: c.execute("delete from job where id = '0'"))
    print("0" in await database.read(_names))
    await database.close()

asyncio.run(main())
"""


def test_on_a_full_disk_reads_go_on_and_the_reserve_is_freed(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path / "llmchat.db")],
        capture_output=True,
        text=True,
        cwd=ROOT,
        check=False,
    )
    assert done.stdout.split("\n") == ["507 storage-full True False", "True", "False", ""], done


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 20 MiB. Only root may make one."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=20m", "none", str(tmp_path)], check=False
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


async def _fill(database: Database) -> None:
    """Write until the reserve had to be freed; what it was freed for is stored."""
    for number in itertools.count():
        if database.full:
            return
        await database.write(lambda c, n=number: _add(str(n), c, 500_000))  # type: ignore[misc]


async def test_on_a_disk_that_is_full_deleting_still_works(small_disk: Path) -> None:
    database = Database.open(small_disk / "llmchat.db")
    try:
        await _fill(database)
        assert "0" in await database.read(_names)
        await database.write(lambda c: c.execute("delete from job where id <> '0'"))
        assert await database.read(_names) == ["0"]
    finally:
        await database.close()


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "llmchat.db"
    for content in (
        b"this is not a database, and never was" * 100,
        b"SQLite format 3\0" + b"x" * 9000,
    ):
        path.write_bytes(content)
        with pytest.raises(ConfigError, match="left as it is") as refusal:
            Database.open(path)
        assert refusal.value.exit_code == 78
        assert path.read_bytes() == content


def test_a_database_of_another_program_is_left_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "llmchat.db"
    with sqlite3.connect(path) as other:
        other.execute("create table theirs(x)")
    with pytest.raises(ConfigError, match="another program"):
        Database.open(path)


def test_a_newer_file_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "llmchat.db"
    open_migrated(path, 1.0).close()
    with sqlite3.connect(path) as newer:
        newer.execute(f"pragma user_version = {len(MIGRATIONS) + 1}")
    newer.close()
    before = path.read_bytes()
    with pytest.raises(ConfigError, match="newer llmchat") as refusal:
        Database.open(path)
    assert refusal.value.exit_code == 78
    assert path.read_bytes() == before


PAST = sorted(Path(__file__).parent.glob("version_*.sql"))


def _past(path: Path, script: Path) -> int:
    """Make a file as an older version has left it. Gives its version."""
    with contextlib.closing(sqlite3.connect(path)) as old:
        old.executescript(script.read_text(encoding="utf-8"))
        version: int = old.execute("pragma user_version").fetchone()[0]
    return version


def _schema(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute("select sql from sqlite_master where sql is not null")
    return {" ".join(sql.split()).lower() for (sql,) in rows}


def test_there_is_a_file_of_every_past_version() -> None:
    assert [path.stem for path in PAST] == [f"version_{n}" for n in range(1, len(MIGRATIONS))]


@pytest.mark.parametrize("script", PAST, ids=lambda path: path.stem)
async def test_a_file_of_an_older_version_is_backed_up_and_brought_up_to_date(
    tmp_path: Path, script: Path
) -> None:
    path = tmp_path / "llmchat.db"
    version = _past(path, script)
    new = open_migrated(path, 1.0)
    fresh = open_migrated(tmp_path / "fresh.db", 1.0)
    assert _schema(new) == _schema(fresh)
    new.close()
    fresh.close()
    with contextlib.closing(sqlite3.connect(f"{path}.backup-{version}")) as backup:
        assert _names(backup) == ["first", "second"]
        assert backup.execute("pragma user_version").fetchone() == (version,)
    database = Database.open(path)
    store = JobStore(database)
    await store.recover()
    whole = [event.name for event in await store.events(1, None)]
    assert whole == ["status", "delta", "done"]
    assert [job.id for job in await store.unfinished()] == ["second"]
    assert b"Half" in (await store.events(2, None))[-1].data
    await database.close()


async def test_what_there_was_before_accounts_is_of_the_first_one(tmp_path: Path) -> None:
    path = tmp_path / "llmchat.db"
    assert _past(path, PAST[5]) == 6
    with contextlib.closing(sqlite3.connect(path)) as old, old:
        old.execute("insert into file(id, size, type, created) values ('f0', 3, 'text/plain', 5)")
        old.executemany(
            """
            insert into job(id, account, key, request, digest, endpoint, model, state, created)
            values (?, ?, ?, '{}', '', 'e', 'm', 'done', 1)
            """,
            [("a", "anna", "same"), ("b", "bert", "same"), ("c", "bert", "k1"), ("d", "bert", "d")],
        )
        old.executemany(
            "insert into statistic values (?, 0, ?, 'e', 1, 0, 10, 0, 1, 0.5, 1, 0, 0)",
            [("", "m"), ("anna", "m"), ("bert", "m"), ("bert", "other")],
        )
    new = open_migrated(path, 1.0)
    with contextlib.closing(new):
        assert new.execute("select account, file, created from file_holder").fetchall() == [
            ("", "f0", 5)
        ]
        jobs = new.execute("select account, id, key from job order by number").fetchall()
        assert jobs[2:] == [("", "a", None), ("", "b", None), ("", "c", None), ("", "d", "d")]
        assert [key for _, _, key in jobs[:2]] == ["k1", "k2"]
        counts = "select model, answers, prompt_tokens from statistic where quarter = 0"
        assert sorted(new.execute(counts)) == [("m", 3, 30), ("other", 1, 10)]
        assert new.execute("select 1 from statistic where account <> ''").fetchone() is None


MIGRATED = """
import sys
from pathlib import Path
from llmchat.storage.migrations import MIGRATIONS, open_migrated
big = tuple(f"create table later{n} as select * from job" for n in range(300))
print("start", flush=True)
open_migrated(Path(sys.argv[1]), 1.0, (*MIGRATIONS, big))
"""


@pytest.mark.parametrize("script", PAST, ids=lambda path: path.stem)
def test_a_kill_in_a_migration_leaves_the_old_schema_or_the_new_one(
    tmp_path: Path, script: Path
) -> None:
    path = tmp_path / "llmchat.db"
    version = _past(path, script)
    with contextlib.closing(sqlite3.connect(path)) as old, old:
        for number in range(200):
            _add(str(number), old, 500)
    sizes: dict[int, int] = {}
    for number in range(1, len(MIGRATIONS) + 1):
        fresh = open_migrated(tmp_path / f"fresh-{number}.db", 1.0, MIGRATIONS[:number])
        with contextlib.closing(fresh):
            sizes[number] = len(_schema(fresh))
    sizes[len(MIGRATIONS) + 1] = sizes[len(MIGRATIONS)] + 300
    for _ in range(5):
        child = subprocess.Popen(
            [sys.executable, "-c", MIGRATED, str(path)], stdout=subprocess.PIPE, cwd=ROOT
        )
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(random.uniform(0, 0.15))
        child.kill()
        child.wait()
        child.stdout.close()
        with contextlib.closing(sqlite3.connect(path)) as connection:
            version = connection.execute("pragma user_version").fetchone()[0]
            assert len(_schema(connection)) == sizes[version]
            assert len(_names(connection)) == 202
            assert connection.execute("pragma integrity_check").fetchone() == ("ok",)


HOLD = """
import sys, time
from pathlib import Path
from llmchat.storage.lock import DataDirLock
with DataDirLock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_folder_is_for_one_process_until_that_ends_in_whatever_way(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT
    )
    assert child.stdout is not None
    child.stdout.readline()
    with pytest.raises(ConfigError, match=f"process {child.pid}") as refusal, DataDirLock(tmp_path):
        pass
    assert refusal.value.exit_code == 75
    child.kill()
    child.wait()
    child.stdout.close()
    with DataDirLock(tmp_path):
        pass


def test_a_folder_that_cannot_be_written_is_replaced_for_the_time_being(tmp_path: Path) -> None:
    with Location(tmp_path / "not there") as location:
        assert list(location.notices) == ["storage-temporary"]
        assert location.path.parent.is_dir()
    assert not location.path.parent.exists()
    with Location(tmp_path) as location:
        assert (location.path, location.notices) == (tmp_path / "llmchat.db", {})


def test_a_folder_on_a_network_file_system_is_known(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "22 1 254:0 / / rw shared:1 - ext4 /dev/vda rw\n"
        f"30 22 0:50 / {tmp_path}/far rw - nfs4 server:/x rw\n"
    )
    (tmp_path / "far" / "data").mkdir(parents=True)
    assert network_file_system(tmp_path / "far" / "data", mounts) == "nfs4"
    assert network_file_system(tmp_path, mounts) is None
    assert network_file_system(tmp_path, tmp_path / "none") is None
