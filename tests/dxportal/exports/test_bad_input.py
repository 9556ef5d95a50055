"""Whatever an address asks: an answer with a reason, soon, and never a fault of the server."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from itertools import cycle
from urllib.parse import unquote, urlencode, urlsplit

import pytest
from django.http import HttpResponseBase, QueryDict
from django.test import Client

from dxportal.planfiles.loading import load_folder
from dxportal.tables.registry import TABLES
from dxportal.tables.selections import Selection
from dxportal.tables.table import Table
from tests.folders.generated_plan import generate_folder
from tests.plans import use_plans
from tests.timing import cpu_seconds, least_seconds

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

FILES = ("csv", "xlsx", "json")
PAGES = [table for table in TABLES if table.has_page]
PATHS = [table.path for table in TABLES]
WITH_YEAR = ["/budgets/", "/listings/", "/budgets/compare/"]  # the pages whose address says the year


@dataclass(frozen=True)
class Bad:
    """A value of a parameter as it stands in an address, and as a page may name it."""

    name: str
    value: str

    @property
    def query(self) -> str:
        return f"{self.name}={self.value}"

    @property
    def cut(self) -> str:
        return unquote(self.value, errors="replace").strip().replace("\0", "\ufffd")[:20]

    def __str__(self) -> str:
        return self.query[:40]


NOT_UNDERSTOOD = [
    Bad("year", "abc"),
    Bad("year", "99999999999999999999"),
    Bad("year", "２０２４①"),
    Bad("year", "令和６年度（2023年度）"),
    Bad("year", "%00"),
    Bad("year", "%ED%A0%80"),
    Bad("year", "%ff%fe"),
    Bad("base", "abc"),
    Bad("department", "9223372036854775808"),
    Bad("department", "%00"),
    Bad("department", "d1%00"),
    Bad("department", "<script>alert(1)</script>"),
    Bad("area", "1%00"),
    Bad("sakigake", "-1"),
    Bad("stage", "%25_%5C%22*:()-"),
    Bad("kind", "x"),
    Bad("amount_min", "1e1000000"),
    Bad("amount_min", "9" * 100_000),
    Bad("amount_min", "10000000000000000"),
    Bad("amount_max", "--5"),
    Bad("amount_max", "1.5"),
    Bad("amount_max", "%E5%8D%83%E5%86%86"),
    Bad("q", "a" * 100_000),
    Bad("q", "%E3%81%82" * 201),
    Bad("group", "x"),
    Bad("sort", "x"),
    Bad("sort", "%00"),
    Bad("sort", "pk"),
    Bad("unit", "x"),
]
NO_SUCH_PAGES = [Bad("page", value) for value in ("1000000000", "-1", "abc", "%00", "9" * 100_000)]
ODD = [
    "q=%25_%5C%22*:()-",
    "q=%ff%fe",
    "q=%ED%A0%80",
    "q=%01%08%7f",
    "q=a%00b",
    "q=%27%20OR%201=1--",
    "q=" + "%EF%B7%BA" * 200,  # one character that is eighteen when it is folded
    "q=" + "+".join(f"{letter}%EF%B7%BA" for letter in "abcdefghijkl"),
    "q=a&q=b&q=c",
    "year=2023&year=2024&year=2023",
    "department=d1&department=d1&department=&department=%20&department=d1",
    "amount_min=10&amount_max=5",
    "&&&=&=x&%00=%00&" + "a" * 5000 + "=1",
    "year[]=2024&q[$ne]=1",
]


def small() -> None:
    """A plan of one row under every parent: what is asked matters here, not what there is."""
    load_folder(generate_folder(1, years=[2023, 2024]), replace=True)


def answered(client: Client, address: str) -> HttpResponseBase:
    """The answer, redirects followed; it may refuse but never fail, and takes less than a second of this process."""
    client.raise_request_exception = False

    def asked() -> bytes:
        return client.get(address, follow=True).getvalue()

    response = client.get(address, follow=True)
    content: bytes = response.getvalue()
    # A slow answer is slow each time; a garbage collection of earlier tests' objects is not.
    assert cpu_seconds(asked) < 1 or least_seconds(asked) < 1, address[:200]
    assert response.status_code in (200, 400), (address[:200], response.status_code)
    assert b"\0" not in content or content.startswith(b"PK"), "a page with NUL is no HTML"
    return response


def notices(response: HttpResponseBase) -> list[str]:
    found = re.findall(r'<p class="notice" role="status">(.*?)</p>', response.getvalue().decode(), re.DOTALL)
    return [html.unescape(text) for text in found]


def parameters(table: Table) -> set[str]:
    return set(Selection(table, QueryDict()).filters.filters)


def files_of(table: Table) -> list[str]:
    return [f"/{table.name}.{extension}" for extension in FILES]


def not_understood(table: Table) -> list[Bad]:
    return [bad for bad in NOT_UNDERSTOOD if bad.name in parameters(table)]


@use_plans(small)
class TestWhatIsNotUnderstood:
    @pytest.mark.parametrize("table", PAGES, ids=lambda table: table.name)
    def test_a_page_says_so_in_a_sentence_and_shows_the_rest(self, client: Client, table: Table) -> None:
        for bad in not_understood(table):
            response = answered(client, f"{table.path}?{bad.query}")
            assert response.status_code == 200, str(bad)
            (sentence,) = notices(response)
            assert f"「{bad.cut}」" in sentence, str(bad)
            assert sentence.endswith("。"), str(bad)
            assert len(sentence) < 100, "the value is cut"
            assert "この条件は使わずに表示しています。" in response.getvalue().decode()

    @pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
    def test_a_file_is_refused_and_says_why(self, client: Client, table: Table) -> None:
        for bad in not_understood(table):
            for file in files_of(table):
                response = answered(client, f"{file}?{bad.query}")
                assert response.status_code == 400, str(bad)
                said = response.json()["errors"][0] if file.endswith("json") else response.getvalue().decode()
                assert f"「{bad.cut}」" in html.unescape(said), str(bad)

    @pytest.mark.parametrize("table", PAGES, ids=lambda table: table.name)
    def test_a_page_that_there_is_not_is_named_and_another_shown(self, client: Client, table: Table) -> None:
        for bad in NO_SUCH_PAGES:
            response = answered(client, f"{table.path}?{bad.query}")
            assert response.status_code == 200, str(bad)
            assert notices(response) == [f"「{bad.cut}」というページはありません。1ページを表示しています。"]

    @pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
    def test_a_file_has_no_pages(self, client: Client, table: Table) -> None:
        for file, bad in zip(files_of(table), NO_SUCH_PAGES[::2], strict=True):
            assert answered(client, f"{file}?{bad.query}").status_code == 200

    @pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
    def test_what_is_odd_but_can_be_asked_is_answered(self, client: Client, table: Table) -> None:
        year = "year=2024&base=2023&" if "year" in parameters(table) else ""
        for odd, file in zip(ODD, cycle(files_of(table)), strict=False):
            assert answered(client, f"{table.path}?{year}{odd}").status_code == 200, odd[:50]
            assert answered(client, f"{file}?{odd}").status_code == 200, odd[:50]


@use_plans(small)
def test_one_value_that_is_not_understood_never_stops_the_others(client: Client) -> None:
    response = answered(client, "/budgets/?year=2023&department=d1&department=nothing&amount_min=x&q=1&kind=y&page=7")
    assert [sentence.partition("」")[0].split("「")[1] for sentence in notices(response)] == ["nothing", "y", "x", "7"]
    asked = response.context["selection"].parameters
    assert asked == {"year": "2023", "department": ["d1"], "q": "1"}


@use_plans(small)
def test_of_a_parameter_given_five_times_all_that_can_repeat_is_kept(client: Client) -> None:
    response = answered(
        client, "/budgets/?year=2024&department=d1&department=a&department=b&department=c&department=d1"
    )
    assert response.context["selection"].parameters["department"] == ["d1"]
    assert [sentence[:3] for sentence in notices(response)] == ["「a」", "「b」", "「c」"]
    year = answered(client, "/budgets/?year=abc&year=2023&year=xyz")
    assert year.context["selection"].parameters["year"] == "2023"
    assert len(notices(year)) == 2


@use_plans(small)
@pytest.mark.parametrize("path", ["/departments/d1/", "/sakigake/1/", "/sakigake/", "/budgets/check/", "/"])
def test_other_pages_with_a_year_answer_too(client: Client, path: str) -> None:
    for value in ("abc", "9" * 5000, "%00", "%ED%A0%80", "-1", "2024&year=2023&year=x"):
        assert answered(client, f"{path}?year={value}").status_code == 200, value


@pytest.mark.parametrize(
    "query", ["q=" + "%EF%B7%BA+" * 100, "q=" + "+".join("abcdefgh"), "q=%25", "department=x" * 200]
)
def test_the_shipped_plan_answers_soon_too(client: Client, query: str) -> None:
    for path in PATHS:
        answered(client, f"{path}?{query}")
    for table in TABLES:
        answered(client, f"/{table.name}.json?{query}")


@use_plans(small)
class TestTidyAddresses:
    @pytest.mark.parametrize("path", WITH_YEAR)
    def test_a_page_without_a_year_redirects_to_the_latest(self, client: Client, path: str) -> None:
        base = "&base=2023" if "compare" in path else ""
        for query in ("", "?year=", "?year=%20", "?year=%E3%80%80"):
            response = client.get(path + query)
            assert response.status_code == 302
            assert response.headers["Location"] == f"{path}?year=2024{base}"

    @pytest.mark.parametrize("table", PAGES, ids=lambda table: table.name)
    def test_blanks_go_and_the_rest_stays(self, client: Client, table: Table) -> None:
        kept = {"q": "事 ＆1%", "department": "d1", "sort": f"-{next(iter(table.sort_choices))}"}
        if "year" in parameters(table):
            kept["year"] = "2023"
        blanks = "area=&sakigake=%20&kind=&amount_min=&amount_max=%E3%80%80&unit=&group=&page=&department="
        response = client.get(f"{table.path}?{blanks}&{urlencode(kept)}")
        assert response.status_code == 302
        asked = QueryDict(urlsplit(response.headers["Location"]).query).dict()
        asked.pop("base", None)
        assert asked == kept
        again = client.get(response.headers["Location"])
        assert again.status_code == 200, "a tidy address is not tidied again"
        assert notices(again) == []

    def test_a_page_number_survives(self, client: Client) -> None:
        assert client.get("/budgets/?q=&page=3").headers["Location"] == "/budgets/?year=2024&page=3"

    def test_what_is_not_understood_is_said_where_it_was_asked(self, client: Client) -> None:
        """A redirect would lose the sentence."""
        for query in ("department=x&q=", "amount_min=x", "year=x"):
            response = client.get(f"/budgets/?{query}")
            assert response.status_code == 200
            assert notices(response)

    def test_a_long_page_number_is_no_redirect_that_browsers_refuse(self, client: Client) -> None:
        response = client.get(f"/budgets/?page={'9' * 100_000}")
        assert response.headers["Location"] == f"/budgets/?year=2024&page={'9' * 20}"

    def test_files_need_no_year_and_are_never_redirected(self, client: Client) -> None:
        for table in TABLES:
            for extension in FILES:
                address = f"/{table.name}.{extension}?q=&year="
                response = client.get(address)
                assert (response.status_code, bool(response.getvalue())) == (200, True)
