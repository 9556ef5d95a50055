"""Encoding of query strings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode


@lru_cache(maxsize=1000, typed=True)
def encode_parameter(name: str, value: Any) -> str:
    """Encode a parameter; memoised, because one page repeats the same parameters in hundreds of links."""
    return urlencode({name: value})


def encode_parameters(values_by_name: Mapping[str, Any], names: Iterable[str]) -> list[str]:
    """Encode the non-empty parameters among `names`, in this order; a list gives one parameter per value."""
    given = [(name, values_by_name[name]) for name in names if values_by_name.get(name) not in (None, "", [])]
    return [encode_parameter(name, one) for name, some in given for one in (some if isinstance(some, list) else [some])]
