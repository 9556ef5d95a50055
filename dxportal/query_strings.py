"""How the parameters of query strings are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode


@lru_cache(maxsize=1000, typed=True)
def encode_parameter(name: str, value: Any) -> str:
    """A parameter as it stands in an address; a page has the same ones in very many."""
    return urlencode({name: value})


def encode_parameters(values_by_name: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Those of these names that say something, in this order; of several values each."""
    given = [(name, values_by_name[name]) for name in names if values_by_name.get(name) not in (None, "", [])]
    return [encode_parameter(name, one) for name, some in given for one in (some if isinstance(some, list) else [some])]
