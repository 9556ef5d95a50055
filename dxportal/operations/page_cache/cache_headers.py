"""Cache-Control, Vary and ETag of responses."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from dxportal.operations.page_cache.cache_keys import METHODS, CacheableView, has_session
from dxportal.operations.page_cache.cached_pages import make_etag

# A 304 costs almost nothing: readers see a publication within half a minute, and old pages while the site is down.
PUBLIC = "public, max-age=10, stale-while-revalidate=20, stale-if-error=86400"
PRIVATE = "private, no-cache"


class CacheHeadersMiddleware:
    """Mark cacheable pages public for requests without a session, and everything shown to staff private."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == 404:
            patch_vary_headers(response, ("Accept-Encoding",))
        if request.resolver_match is None or response.has_header("Cache-Control"):
            return response  # a 404, or the view has set its own policy: static files, the admin
        page = response if isinstance(response, HttpResponse) and is_cacheable_page(request, response) else None
        if page is not None:
            patch_vary_headers(page, ("Accept-Encoding", "Cookie"))
        if has_session(request.COOKIES) or response.cookies:
            response["Cache-Control"] = PRIVATE
        elif page is not None:
            page["Cache-Control"] = PUBLIC
            page["ETag"] = make_etag(page.content)
        return response


def is_cacheable_page(request: HttpRequest, response: HttpResponse) -> bool:
    match = request.resolver_match
    declared = match is not None and isinstance(match.func, CacheableView)
    return declared and request.method in METHODS and response.status_code == 200
