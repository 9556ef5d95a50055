"""The whole tables as finished files: what is in them, when they are sent, and when not."""

from __future__ import annotations

import fcntl
import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest
from django.conf import LazySettings

from budgets.models import BudgetLine
from dxportal.exports.views import EXTENSIONS
from dxportal.operations.page_cache.cache_headers import PUBLIC
from dxportal.operations.page_cache.middleware import PageCacheMiddleware
from dxportal.operations.page_cache.prebuild import LOCK, PARTIAL, build_files, revision_folder
from dxportal.operations.page_cache.prebuilt_files import PrebuiltFiles
from dxportal.revisions.publish import revision_token
from dxportal.urls import PREBUILT_TABLES
from tests.dxportal.changesets.change_sets import make_open_set, publish_edits
from tests.dxportal.exports.reading_files import excel_cells
from tests.dxportal.operations.page_cache.asking_site import Django, ask, environ_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("within_the_transaction_of_the_test"), pytest.mark.slow]

ADDRESSES = [f"/{table.name}.{ending}" for table in PREBUILT_TABLES for ending in EXTENSIONS]
DECODE: dict[str, Callable[[bytes], bytes]] = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}


@pytest.fixture
def django() -> Django:
    return Django()


@pytest.fixture
def site(django: Django, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PageCacheMiddleware:
    """A site whose files are made; it looks for the revision with each request that finds none."""
    build_files(tmp_path, ADDRESSES, django)
    site = PageCacheMiddleware(django, 64, PrebuiltFiles(tmp_path))
    monkeypatch.setattr(site.poller, "start", site.poller.poll)
    site.poller.poll()
    django.asked.clear()
    return site


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("encoding", ["br", "gzip", ""])
def test_a_finished_file_is_what_django_answers(
    site: PageCacheMiddleware, django: Django, address: str, encoding: str
) -> None:
    got = ask(site, address, ACCEPT_ENCODING=encoding)
    assert not django.asked
    written = ask(django, address)
    assert (got.status, written.status) == (200, 200)
    used = got.headers.get("Content-Encoding", "")
    assert used == ("" if address.endswith("xlsx") else encoding)
    body = DECODE[used](got.body)
    if address.endswith("xlsx"):
        assert [excel_cells(body, sheet) for sheet in (0, 1)] == [excel_cells(written.body, sheet) for sheet in (0, 1)]
    else:
        assert body == written.body
    of_the_file = {"ETag", "Cache-Control", "Content-Encoding", "Content-Length", "Vary"}
    assert {k: v for k, v in got.headers.items() if k not in of_the_file} == {
        k: v for k, v in written.headers.items() if k not in of_the_file
    }
    assert got.headers["Content-Length"] == str(len(got.body))
    assert got.headers["Cache-Control"] == PUBLIC
    assert got.headers["Vary"] == "Accept-Encoding, Cookie"


def test_each_encoding_has_an_etag_by_which_it_is_not_sent_again(site: PageCacheMiddleware) -> None:
    first, other = (ask(site, "/budgets.csv", ACCEPT_ENCODING=encoding) for encoding in ("gzip", "br"))
    assert first.headers["ETag"] != other.headers["ETag"]
    again = ask(site, "/budgets.csv", ACCEPT_ENCODING="gzip", IF_NONE_MATCH=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert "Content-Length" not in again.headers
    assert ask(site, "/budgets.csv", ACCEPT_ENCODING="br", IF_NONE_MATCH=first.headers["ETag"]).status == 200


def test_the_head_of_a_file_is_sent_without_it(site: PageCacheMiddleware, django: Django) -> None:
    got = ask(site, "/budgets.csv", method="HEAD")
    assert (got.status, got.body, django.asked) == (200, b"", [])
    assert int(got.headers["Content-Length"]) > 1000


@pytest.mark.parametrize("asked", ["?year=2021", "?header=name", "?encoding=cp932", "?x=1"])
def test_whatever_is_asked_of_a_table_is_written_by_django(
    site: PageCacheMiddleware, django: Django, asked: str
) -> None:
    assert ask(site, f"/budgets.csv{asked}").status == 200
    assert [*django.addresses] == [f"/budgets.csv{asked}"]


def test_staff_and_unknown_hosts_are_answered_by_django(site: PageCacheMiddleware, django: Django) -> None:
    assert "ETag" not in ask(site, "/budgets.csv", COOKIE="sessionid=1").headers
    assert ask(site, "/budgets.csv", HOST="elsewhere.example").status == 400
    assert len(django.asked) == 2


def test_what_is_published_is_in_the_next_files_and_the_old_ones_are_put_away(
    site: PageCacheMiddleware, django: Django, tmp_path: Path
) -> None:
    before = ask(site, "/budgets.csv")
    publish_edits(lambda: BudgetLine.objects.filter(project__code="workation").update(amount_thousand_yen=77_777))
    build_files(tmp_path, ADDRESSES, django)
    site.poller.poll()
    django.asked.clear()
    after = ask(site, "/budgets.csv")
    assert b"77777" in after.body
    assert b"77777" not in before.body
    assert not django.asked
    assert rooms_in(tmp_path) == [revision_folder(tmp_path, revision_token()).name]


def test_what_is_proposed_is_in_no_file(site: PageCacheMiddleware, django: Django, tmp_path: Path) -> None:
    make_open_set(lambda: BudgetLine.objects.update(amount_thousand_yen=77_777))
    build_files(tmp_path, ADDRESSES, django)
    site.poller.poll()
    assert b"77777" not in ask(site, "/budgets.csv").body


def test_until_files_are_finished_django_writes_them_for_each_reader(site: PageCacheMiddleware, django: Django) -> None:
    publish_edits(lambda: BudgetLine.objects.filter(project__code="workation").update(amount_thousand_yen=77_777))
    site.poller.poll()
    assert b"77777" in ask(site, "/budgets.csv").body
    assert [*django.addresses] == ["/budgets.csv"]


def test_files_of_which_the_catalogue_moved_on_meanwhile_are_thrown_away(tmp_path: Path, django: Django) -> None:
    def moving(environ: dict, start_response: Callable) -> object:
        if environ["PATH_INFO"] == "/listings.csv":
            publish_edits(lambda: BudgetLine.objects.update(amount_thousand_yen=1))
        return django(environ, start_response)

    assert not build_files(tmp_path, ADDRESSES, moving)
    assert rooms_in(tmp_path) == []
    assert build_files(tmp_path, ADDRESSES, django)


@pytest.mark.parametrize("lost", ["the folder", "its rooms", "one file"])
def test_a_file_that_is_gone_is_written_by_django_until_it_is_made_again(
    site: PageCacheMiddleware, django: Django, tmp_path: Path, lost: str
) -> None:
    whole = ask(site, "/budgets.csv")
    room = revision_folder(tmp_path, revision_token())
    if lost == "one file":
        (room / "budgets.csv").unlink()
    else:
        (tmp_path if lost == "the folder" else room).rename(tmp_path.with_name(f"{tmp_path.name} elsewhere"))
    site.poller.poll()
    for _ in range(2):
        got = ask(site, "/budgets.csv")
        assert (got.status, got.body) == (200, whole.body)
        site.poller.poll()
    assert [*django.addresses] == ["/budgets.csv", "/budgets.csv"]
    assert build_files(tmp_path, ADDRESSES, django)
    site.poller.poll()
    django.asked.clear()
    assert ask(site, "/budgets.csv").body == whole.body
    assert not django.asked


def test_a_reader_gets_the_rest_of_a_file_that_is_put_away_meanwhile(site: PageCacheMiddleware, tmp_path: Path) -> None:
    whole = ask(site, "/budgets.csv").body
    body = site.respond_from_cache(environ_of("/budgets.csv"), lambda *_: None)
    shutil.rmtree(revision_folder(tmp_path, revision_token()))
    assert b"".join(body or []) == whole


def test_one_process_at_a_time_makes_files_and_a_killed_one_is_taken_over(tmp_path: Path, django: Django) -> None:
    with (tmp_path / LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert not build_files(tmp_path, ADDRESSES, django)
    (tmp_path / (revision_folder(tmp_path, revision_token()).name + PARTIAL)).mkdir()  # what a killed maker leaves
    revision_folder(tmp_path, revision_token()).mkdir()
    assert build_files(tmp_path, ADDRESSES, django)
    assert rooms_in(tmp_path) == [revision_folder(tmp_path, revision_token()).name]


def test_files_of_another_build_stay_until_the_next_publication(tmp_path: Path, django: Django) -> None:
    other, old = tmp_path / f"{revision_token()}-000000000000", tmp_path / "0123456789abcdef-000000000000"
    other.mkdir()
    old.mkdir()
    assert build_files(tmp_path, ADDRESSES, django)
    assert rooms_in(tmp_path) == sorted([other.name, revision_folder(tmp_path, revision_token()).name])


def test_nginx_is_told_where_a_file_lies(site: PageCacheMiddleware, tmp_path: Path, settings: LazySettings) -> None:
    settings.SENT_BY_NGINX = "/finished/"
    got = ask(site, "/budgets.csv", ACCEPT_ENCODING="gzip")
    assert (got.status, got.body) == (200, b"")
    assert (
        got.headers["X-Accel-Redirect"]
        == f"/finished/{revision_folder(tmp_path, revision_token()).name}/budgets.csv.gzip"
    )
    assert "Content-Length" not in got.headers
    assert got.headers["Content-Encoding"] == "gzip"


def rooms_in(folder: Path) -> list[str]:
    return sorted(room.name for room in folder.iterdir() if room.is_dir())
