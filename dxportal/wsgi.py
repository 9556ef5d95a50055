"""The WSGI application: Django's, behind the pages that are kept in memory."""

import os
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from dxportal.gc_tuning import settle
from dxportal.request_input import Utf8Requests

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dxportal.settings")
django_application = Utf8Requests(get_wsgi_application())

# These need the apps that Django has just set up.
from dxportal.operations.page_cache.middleware import PageCacheMiddleware  # noqa: E402
from dxportal.operations.page_cache.prebuilt_files import PrebuiltFiles  # noqa: E402

application: Any = PageCacheMiddleware(django_application, settings.PAGE_MEMORY, PrebuiltFiles(settings.FILES_DIR))
settle()
