"""How the parameters of query strings are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode


@lru_cache(maxsize=1000, typed=True)
def parameter(name: str, value: Any) -> str:
    """A parameter as it stands in an address; a page has the same ones in very many."""
    return urlencode({name: value})


def parameters(asked: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Those of these names that say something, in this order; of several values each."""
    said = [(name, asked[name]) for name in names if asked.get(name) not in (None, "", [])]
    return [parameter(name, one) for name, some in said for one in (some if isinstance(some, list) else [some])]
