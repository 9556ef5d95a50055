"""Generators of index documents, one for each model, in bulk with a fixed number of queries.

Importing this package registers all of them (document_sources.py).
"""

from dxportal.search.search_documents import (  # noqa: F401
    area_documents,
    department_documents,
    plan_documents,
    project_documents,
    strategy_documents,
)
