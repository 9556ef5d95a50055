"""Execution of a search request: from the query string to one page of results, for HTML and JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import islice
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext

from dxportal.query_strings import encode_parameter, encode_parameters
from dxportal.search.context import context_at
from dxportal.search.counts import HitCount
from dxportal.search.excerpts import Piece, excerpt, highlight
from dxportal.search.facets import Facet, FacetSelection
from dxportal.search.index import Index, Snapshot
from dxportal.search.index.ngrams import KIND
from dxportal.search.labels import FACET_LABELS
from dxportal.search.matching import DIRECT_TIERS, condition_for, tiers_for
from dxportal.search.queries import MAX_QUERY_LENGTH, MAX_WORDS, Query
from dxportal.search.result_amounts import ResultAmount, read_amounts
from dxportal.search.result_rows import ResultRow, result_rows
from dxportal.search.site_index import site_index
from dxportal.search.synonyms import expand_query

RESULTS_PER_PAGE = 20
MAX_TITLE_LENGTH = 80  # characters above which a title is excerpted
SEARCH_PARAMETERS = ("q", *FACET_LABELS, "synonyms", "page")  # fixed order, so that equal searches have one address
SEARCH_PATH, SEARCH_FILE = "/search/", "/search.json"


class TooLongError(Exception):
    """The query exceeds the length limit."""

    def __init__(self) -> None:
        message = gettext("検索する語句は%(most)s文字までです。短くして検索してください。")
        super().__init__(message % {"most": MAX_QUERY_LENGTH})


@dataclass(frozen=True)
class SearchResult:
    """A result: its document, the label of its kind, highlighted title, place and excerpt, and its amounts.

    `matched_synonyms`: the synonyms that matched, if the typed words alone did not.
    """

    document: ResultRow
    kind_label: str
    title: list[Piece]
    place: list[Piece]
    excerpt: list[Piece]
    amounts: list[ResultAmount]
    matched_synonyms: list[str]


class Search:
    """A search with the parameters `q`, the facets, `synonyms` (0: only the typed words) and `page`.

    Raises TooLongError.
    """

    def __init__(self, data: QueryDict, index: Index = site_index) -> None:
        text = data.get("q", "")
        if len(text) > MAX_QUERY_LENGTH:
            raise TooLongError
        self.query = Query.parse(text)
        self.with_synonyms = data.get("synonyms", "").strip() != "0"
        self.requested_page = data.get("page", "").strip()
        self.data, self.index = data, index
        index.read(self._search)
        self.problems = list(self.facet_selection.problems)
        if self.query.dropped:
            dropped = "".join(f"「{word}」" for word in self.query.dropped)
            message = gettext("語句は%(most)sつまでです。%(dropped)sは使っていません。")
            self.problems.append(message % {"most": MAX_WORDS, "dropped": dropped})
        if self.query.whole and self.requested_page and self.requested_page != str(self.page):
            self.problems.append(
                gettext("「%(asked)s」というページはありません。%(shown)sページを表示しています。")
                % {"asked": self.requested_page[:20], "shown": self.page}
            )

    def _search(self, snapshot: Snapshot) -> None:
        """Search the snapshot, with labels and terms of its version. Raises StaleSnapshotError.

        Settles enough hits for the requested page and one more, which tells whether there is a next page.
        """
        self.snapshot, self.context = snapshot, context_at(snapshot.version)
        self.facet_selection = FacetSelection(self.data, self.context.labels)
        self.other_spellings = expand_query(self.query, self.context.terms) if self.with_synonyms else {}
        if not self.query.whole:
            snapshot.require_current()
            return
        condition, tiers = condition_for(self.query, self.other_spellings), tiers_for(self.query, self.other_spellings)
        self.hits = snapshot.search(condition, tiers, self.facet_selection.chosen)
        self.hits.settle(self.requested_number * RESULTS_PER_PAGE + 1)

    @property
    def text(self) -> str:
        return self.query.text

    @property
    def other_words(self) -> list[str]:
        """The synonyms that were searched as well, as written."""
        return list(dict.fromkeys(text for spellings in self.other_spellings.values() for text in spellings.values()))

    @cached_property
    def count(self) -> HitCount:
        return HitCount.from_hits(self.hits)

    @property
    def pages(self) -> int:
        """Number of pages, as far as results were counted."""
        return max(1, -(-self.count // RESULTS_PER_PAGE))

    @property
    def requested_number(self) -> int:
        page = self.requested_page
        return max(1, int(page)) if page.isascii() and page.isdigit() and len(page) < 10 else 1

    @cached_property
    def page(self) -> int:
        return min(self.requested_number, self.pages)

    @property
    def first_number(self) -> int:
        """The number of the first result of this page."""
        return (self.page - 1) * RESULTS_PER_PAGE + 1

    @cached_property
    def ids(self) -> list[int]:
        """Document ids of this page, in order."""
        start = self.first_number - 1
        return list(islice(self.hits, start, start + RESULTS_PER_PAGE))

    @cached_property
    def documents(self) -> dict[int, ResultRow]:
        return result_rows(self.ids)

    @property
    def is_consistent(self) -> bool:
        """Whether posting lists and shown rows are of one index version; if not, the search must be repeated."""
        if not self.query.whole:
            return True
        versions = {number: document.version for number, document in self.documents.items()}
        return versions == dict.fromkeys(self.ids, self.snapshot.version)

    @cached_property
    def results(self) -> list[SearchResult]:
        amounts = read_amounts(self.documents.values())
        return [
            self.result(document, amounts.get(document.row, []), self.is_direct(number))
            for number in self.ids
            if (document := self.documents.get(number))
        ]

    def is_direct(self, number: int) -> bool:
        """Tell whether a hit contains the typed words, not only other spellings."""
        return not self.other_spellings or self.hits.tier_of(number) < DIRECT_TIERS

    @cached_property
    def highlighted_words(self) -> list[str]:
        words = [
            spelling for word in self.query.words for spelling in (word.folded, *self.other_spellings.get(word, ()))
        ]
        return list(dict.fromkeys([*words, self.query.whole]))

    def result(self, document: ResultRow, amounts: list[ResultAmount], is_direct: bool) -> SearchResult:
        words = self.highlighted_words
        is_short = len(document.title) <= MAX_TITLE_LENGTH
        matched_synonyms = [] if is_direct else self.other_words_in(document)
        return SearchResult(
            document,
            self.context.labels[KIND][document.kind],
            highlight(document.title, words) if is_short else excerpt(document.title, words),
            self.highlight_place(document.place),
            excerpt(document.text, words, document.folded),
            amounts,
            matched_synonyms,
        )

    @cached_property
    def highlight_place(self) -> Callable[[str], list[Piece]]:
        """Function that highlights a place; cached, because many results share one."""
        words = self.highlighted_words
        return cache(lambda place: highlight(place, words))

    def other_words_in(self, document: ResultRow) -> list[str]:
        """Return the synonyms that matched a document which does not contain the typed words."""
        synonyms = []
        for word, spellings in self.other_spellings.items():
            if word.folded not in document.folded:
                has_context = word.folded in document.folded_around
                texts = [document.folded, *([] if has_context else [document.folded_around])]
                synonyms += [text for spelling, text in spellings.items() if any(spelling in one for one in texts)]
        return list(dict.fromkeys(synonyms))

    @property
    def facets(self) -> list[Facet]:
        return self.facet_selection.facets(self.hits, self)

    @property
    def conditions(self) -> list[tuple[Any, str, str]]:
        """The chosen facets: label, values in words, and the address without the facet."""
        return [
            (
                FACET_LABELS[name],
                gettext("、").join(self.facet_selection.labels[name][code] for code in codes),
                self.address(**{name: None}),
            )
            for name, codes in self.facet_selection.chosen.items()
        ]

    @property
    def fewer_words(self) -> list[tuple[str, HitCount, str]]:
        """Suggestions if nothing was found: the query without one word, its count and its address."""
        fewer = [self.query.without(word) for word in self.query.words] if len(self.query.words) > 1 else []
        hits = {query.text: self.index.search(condition_for(query, self.other_spellings)).settle() for query in fewer}
        counts = {text: HitCount.from_hits(text_hits) for text, text_hits in hits.items()}
        return [(text, count, self.without(*FACET_LABELS, q=text)) for text, count in counts.items() if count]

    def without(self, *names: str, **changes: Any) -> str:
        return self.address(**changes, **dict.fromkeys(names))

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """The parameters of this search, without the page."""
        return {"q": self.text, **self.facet_selection.chosen, "synonyms": None if self.with_synonyms else "0"}

    def address(self, path: str = SEARCH_PATH, /, **changes: Any) -> str:
        """Return the address of this search with changed parameters; None removes one."""
        query = "&".join(encode_parameters(self.parameters | changes, SEARCH_PARAMETERS))
        return f"{path}?{query}" if query else path

    def addresses(self, name: str) -> Callable[[str], str]:
        """Return a function from a value of a parameter to the address; everything else is encoded once."""
        position = SEARCH_PARAMETERS.index(name)
        before = encode_parameters(self.parameters, SEARCH_PARAMETERS[:position])
        after = encode_parameters(self.parameters, SEARCH_PARAMETERS[position + 1 :])
        return lambda value: f"{SEARCH_PATH}?{'&'.join([*before, encode_parameter(name, value), *after])}"

    def address_of_page(self, page: int, path: str = SEARCH_PATH) -> str:
        return self.address(path, page=page if page > 1 else None)

    @property
    def previous(self) -> str:
        return self.address_of_page(self.page - 1) if self.page > 1 else ""

    @property
    def next(self) -> str:
        return self.address_of_page(self.page + 1) if self.page < self.pages else ""

    @property
    def next_file_address(self) -> str:
        return self.address_of_page(self.page + 1, SEARCH_FILE) if self.page < self.pages else ""

    @property
    def file_address(self) -> str:
        return self.address_of_page(self.page, SEARCH_FILE)

    @property
    def address_without_synonyms(self) -> str:
        return self.address(synonyms="0")

    @property
    def address_with_synonyms(self) -> str:
        return self.address(synonyms=None)

    @property
    def conditions_in_words(self) -> list[str]:
        return [f"{label} {words}" for label, words, _ in self.conditions]
