"""The whole tables as finished files: what is in them, when they are sent, and when not."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path

import brotli
import pytest

from budgets.models import BudgetLine
from dxportal.exports.answers import EXTENSIONS
from dxportal.kept.boundary import KeptPages
from dxportal.kept.files import Files
from dxportal.kept.headers import PUBLIC
from dxportal.kept.making import UNFINISHED, make
from dxportal.revisions.advancing import mark
from dxportal.urls import WHOLE_TABLES
from tests.dxportal.changes.sets import open_set, published
from tests.dxportal.exports.reading_files import excel_cells
from tests.dxportal.kept.asking_site import Django, ask

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("within_the_transaction_of_the_test")]

ADDRESSES = [f"/{table.name}.{ending}" for table in WHOLE_TABLES for ending in EXTENSIONS]
DECODE: dict[str, Callable[[bytes], bytes]] = {"br": brotli.decompress, "gzip": gzip.decompress, "": bytes}


@pytest.fixture
def django() -> Django:
    return Django()


@pytest.fixture
def site(django: Django, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeptPages:
    """A site that has made its files; it looks for the revision with each request that finds none."""
    monkeypatch.setattr(Files, "begin", lambda files, wanted: make(files.folder, wanted, ADDRESSES, django))
    site = KeptPages(django, 64, Files(tmp_path))
    monkeypatch.setattr(site.watch, "begin", site.watch.look)
    site.watch.look()
    django.asked.clear()
    return site


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("encoding", ["br", "gzip", ""])
def test_a_finished_file_is_what_django_answers(site: KeptPages, django: Django, address: str, encoding: str) -> None:
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


def test_each_encoding_has_an_etag_by_which_it_is_not_sent_again(site: KeptPages) -> None:
    first, other = (ask(site, "/budgets.csv", ACCEPT_ENCODING=encoding) for encoding in ("gzip", "br"))
    assert first.headers["ETag"] != other.headers["ETag"]
    again = ask(site, "/budgets.csv", ACCEPT_ENCODING="gzip", IF_NONE_MATCH=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert "Content-Length" not in again.headers
    assert ask(site, "/budgets.csv", ACCEPT_ENCODING="br", IF_NONE_MATCH=first.headers["ETag"]).status == 200


def test_the_head_of_a_file_is_sent_without_it(site: KeptPages, django: Django) -> None:
    got = ask(site, "/budgets.csv", method="HEAD")
    assert (got.status, got.body, django.asked) == (200, b"", [])
    assert int(got.headers["Content-Length"]) > 1000


@pytest.mark.parametrize("asked", ["?year=2021", "?header=name", "?encoding=cp932", "?x=1"])
def test_whatever_is_asked_of_a_table_is_written_by_django(site: KeptPages, django: Django, asked: str) -> None:
    assert ask(site, f"/budgets.csv{asked}").status == 200
    assert [*django.addresses] == [f"/budgets.csv{asked}"]


def test_staff_and_unknown_hosts_are_answered_by_django(site: KeptPages, django: Django) -> None:
    assert "ETag" not in ask(site, "/budgets.csv", COOKIE="sessionid=1").headers
    assert ask(site, "/budgets.csv", HOST="elsewhere.example").status == 400
    assert len(django.asked) == 2


def test_what_is_published_is_in_the_next_files_and_the_old_ones_are_put_away(site: KeptPages, tmp_path: Path) -> None:
    before = ask(site, "/budgets.csv")
    published(lambda: BudgetLine.objects.filter(project__code="workation").update(amount_thousand_yen=77_777))
    site.watch.look()
    after = ask(site, "/budgets.csv")
    assert b"77777" in after.body
    assert b"77777" not in before.body
    assert [room.name for room in tmp_path.iterdir()] == [mark()]


def test_what_is_proposed_is_in_no_file(site: KeptPages) -> None:
    open_set(lambda: BudgetLine.objects.update(amount_thousand_yen=77_777))
    site.watch.look()
    assert b"77777" not in ask(site, "/budgets.csv").body


def test_until_files_are_finished_django_writes_them_for_each_reader(
    site: KeptPages, django: Django, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Files, "begin", lambda files, wanted: None)
    published(lambda: BudgetLine.objects.filter(project__code="workation").update(amount_thousand_yen=77_777))
    site.watch.look()
    assert b"77777" in ask(site, "/budgets.csv").body
    assert [*django.addresses] == ["/budgets.csv"]


def test_files_of_which_the_catalogue_moved_on_meanwhile_are_thrown_away(tmp_path: Path, django: Django) -> None:
    wanted = mark()

    def moving(environ: dict, start_response: Callable) -> object:
        if environ["PATH_INFO"] == "/listings.csv":
            published(lambda: BudgetLine.objects.update(amount_thousand_yen=1))
        return django(environ, start_response)

    assert not make(tmp_path, wanted, ADDRESSES, moving)
    assert not make(tmp_path, wanted, ADDRESSES, django)
    assert [*tmp_path.iterdir()] == []


def test_one_process_makes_the_files_of_a_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []
    monkeypatch.setattr("dxportal.kept.files.subprocess.Popen", lambda command, env: begun.append((command, env)))
    for _ in range(2):
        Files(tmp_path).turn_to("0123")
    ((command, environment),) = begun
    assert command[-2:] == ["make_files", "0123"]
    assert environment["STATEMENT_TIMEOUT"] == "0"  # a file of ten years takes longer than a page may
    assert [room.name for room in tmp_path.iterdir()] == ["0123" + UNFINISHED]
