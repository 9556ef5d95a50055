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
from dxportal.search.counts import Count
from dxportal.search.excerpts import Piece, excerpt, marked
from dxportal.search.facets import Facet, Narrowed
from dxportal.search.index import Index, Snapshot
from dxportal.search.labels import LABELS
from dxportal.search.matching import DIRECT_TIERS, condition_for, tiers_for
from dxportal.search.queries import LONGEST, WORDS, Query
from dxportal.search.result_amounts import Amount, amounts_of
from dxportal.search.result_rows import ResultRow, result_rows
from dxportal.search.site_index import site_index
from dxportal.search.synonyms import other_words

PAGE_SIZE = 20
LONG_TITLE = 80  # characters above which a title is excerpted
PARAMETERS = ("q", *LABELS, "synonyms", "page")  # fixed order, so that equal searches have one address
PATH, FILE = "/search/", "/search.json"


class TooLongError(Exception):
    """The query exceeds the length limit."""

    def __init__(self) -> None:
        super().__init__(gettext("探す語句は%(most)s文字までです。短くして探してください。") % {"most": LONGEST})


@dataclass(frozen=True)
class Result:
    """A result: its document with highlighted title, place and excerpt, and its amounts.

    `through`: the synonyms that matched, if the typed words alone did not.
    """

    document: ResultRow
    title: list[Piece]
    place: list[Piece]
    excerpt: list[Piece]
    amounts: list[Amount]
    through: list[str]


class Search:
    """A search with the parameters `q`, the facets, `synonyms` (0: only the typed words) and `page`.

    Raises TooLongError.
    """

    def __init__(self, data: QueryDict, index: Index = site_index) -> None:
        text = data.get("q", "")
        if len(text) > LONGEST:
            raise TooLongError
        self.query = Query.of(text)
        self.with_synonyms = data.get("synonyms", "").strip() != "0"
        self.asked_page = data.get("page", "").strip()
        self.data, self.index = data, index
        index.read(self._search)
        self.problems = list(self.narrowed.problems)
        if self.query.dropped:
            dropped = "".join(f"「{word}」" for word in self.query.dropped)
            self.problems.append(
                gettext("語句は%(most)sつまでです。%(dropped)sは使っていません。") % {"most": WORDS, "dropped": dropped}
            )
        if self.query.whole and self.asked_page and self.asked_page != str(self.page):
            self.problems.append(
                gettext("「%(asked)s」というページはありません。%(shown)sページを表示しています。")
                % {"asked": self.asked_page[:20], "shown": self.page}
            )

    def _search(self, snapshot: Snapshot) -> None:
        """Search the snapshot, with labels and terms of its version. Raises StaleSnapshotError.

        Settles enough hits for the requested page and one more, which tells whether there is a next page.
        """
        self.snapshot, self.context = snapshot, context_at(snapshot.version)
        self.narrowed = Narrowed(self.data, self.context.labels)
        self.others = other_words(self.query, self.context.terms) if self.with_synonyms else {}
        if not self.query.whole:
            snapshot.require_current()
            return
        condition, tiers = condition_for(self.query, self.others), tiers_for(self.query, self.others)
        self.hits = snapshot.search(condition, tiers, self.narrowed.chosen)
        self.hits.settle(self.asked_number * PAGE_SIZE + 1)

    @property
    def text(self) -> str:
        return self.query.text

    @property
    def other_words(self) -> list[str]:
        """The synonyms that were searched as well, as written."""
        return list(dict.fromkeys(text for spellings in self.others.values() for text in spellings.values()))

    @cached_property
    def count(self) -> Count:
        return Count.of(self.hits)

    @property
    def pages(self) -> int:
        """Number of pages, as far as results were counted."""
        return max(1, -(-self.count // PAGE_SIZE))

    @property
    def asked_number(self) -> int:
        asked = self.asked_page
        return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 1

    @cached_property
    def page(self) -> int:
        return min(self.asked_number, self.pages)

    @property
    def first(self) -> int:
        """The number of the first result of this page."""
        return (self.page - 1) * PAGE_SIZE + 1

    @cached_property
    def ids(self) -> list[int]:
        """Document ids of this page, in order."""
        start = self.first - 1
        return list(islice(self.hits, start, start + PAGE_SIZE))

    @cached_property
    def documents(self) -> dict[int, ResultRow]:
        return result_rows(self.ids)

    @property
    def is_consistent(self) -> bool:
        """Whether posting lists and shown rows are of one index version; if not, the search must be repeated."""
        if not self.query.whole:
            return True
        versions = {one: document.version for one, document in self.documents.items()}
        return versions == dict.fromkeys(self.ids, self.snapshot.version)

    @cached_property
    def results(self) -> list[Result]:
        amounts = amounts_of(self.documents.values())
        return [
            self.result(document, amounts.get(document.row, []), self.is_direct(one))
            for one in self.ids
            if (document := self.documents.get(one))
        ]

    def is_direct(self, number: int) -> bool:
        """Tell whether a hit contains the typed words, not only other spellings."""
        return not self.others or self.hits.tier_of(number) < DIRECT_TIERS

    @cached_property
    def marked_words(self) -> list[str]:
        words = [spelling for word in self.query.words for spelling in (word.folded, *self.others.get(word, ()))]
        return list(dict.fromkeys([*words, self.query.whole]))

    def result(self, document: ResultRow, amounts: list[Amount], is_direct: bool) -> Result:
        words = self.marked_words
        short = len(document.title) <= LONG_TITLE
        through = [] if is_direct else self.other_words_in(document)
        return Result(
            document,
            marked(document.title, words) if short else excerpt(document.title, words),
            self.marked_place(document.place),
            excerpt(document.text, words, document.folded),
            amounts,
            through,
        )

    @cached_property
    def marked_place(self) -> Callable[[str], list[Piece]]:
        """Function that highlights a place; cached, because many results share one."""
        words = self.marked_words
        return cache(lambda place: marked(place, words))

    def other_words_in(self, document: ResultRow) -> list[str]:
        """Return the synonyms that matched a document which does not contain the typed words."""
        found = []
        for word, spellings in self.others.items():
            if word.folded not in document.folded:
                where = [document.folded, *([] if word.folded in document.folded_around else [document.folded_around])]
                found += [text for spelling, text in spellings.items() if any(spelling in one for one in where)]
        return list(dict.fromkeys(found))

    @property
    def facets(self) -> list[Facet]:
        return self.narrowed.facets(self.hits, self)

    @property
    def conditions(self) -> list[tuple[Any, str, str]]:
        """The chosen facets: label, values in words, and the address without the facet."""
        return [
            (
                LABELS[name],
                gettext("、").join(self.narrowed.known[name][code] for code in codes),
                self.address(**{name: None}),
            )
            for name, codes in self.narrowed.chosen.items()
        ]

    @property
    def fewer_words(self) -> list[tuple[str, Count, str]]:
        """Suggestions if nothing was found: the query without one word, its count and its address."""
        fewer = [self.query.without(word) for word in self.query.words] if len(self.query.words) > 1 else []
        hits = {query.text: self.index.search(condition_for(query, self.others)).settle() for query in fewer}
        counts = {text: Count.of(found) for text, found in hits.items()}
        return [(text, count, self.without(*LABELS, q=text)) for text, count in counts.items() if count]

    def without(self, *names: str, **changes: Any) -> str:
        return self.address(**changes, **dict.fromkeys(names))

    @cached_property
    def asked(self) -> dict[str, Any]:
        """The parameters of this search, without the page."""
        return {"q": self.text, **self.narrowed.chosen, "synonyms": None if self.with_synonyms else "0"}

    def address(self, path: str = PATH, /, **changes: Any) -> str:
        """Return the address of this search with changed parameters; None removes one."""
        query = "&".join(encode_parameters(self.asked | changes, PARAMETERS))
        return f"{path}?{query}" if query else path

    def addresses(self, name: str) -> Callable[[str], str]:
        """Return a function from a value of a parameter to the address; everything else is encoded once."""
        place = PARAMETERS.index(name)
        before, after = (
            encode_parameters(self.asked, names) for names in (PARAMETERS[:place], PARAMETERS[place + 1 :])
        )
        return lambda value: f"{PATH}?{'&'.join([*before, encode_parameter(name, value), *after])}"

    def address_of_page(self, page: int, path: str = PATH) -> str:
        return self.address(path, page=page if page > 1 else None)

    @property
    def previous(self) -> str:
        return self.address_of_page(self.page - 1) if self.page > 1 else ""

    @property
    def next(self) -> str:
        return self.address_of_page(self.page + 1) if self.page < self.pages else ""

    @property
    def next_file(self) -> str:
        return self.address_of_page(self.page + 1, FILE) if self.page < self.pages else ""

    @property
    def file(self) -> str:
        return self.address_of_page(self.page, FILE)

    @property
    def only_typed(self) -> str:
        return self.address(synonyms="0")

    @property
    def also_others(self) -> str:
        return self.address(synonyms=None)

    @property
    def words_for_title(self) -> list[str]:
        return [f"{label} {words}" for label, words, _ in self.conditions]
