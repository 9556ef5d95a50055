"""WSGI application: Django behind the page cache."""

import os
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from dxportal.gc_tuning import freeze_startup_objects
from dxportal.request_input import Utf8Application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dxportal.settings")
django_application = Utf8Application(get_wsgi_application())

# Imported after get_wsgi_application(), which sets up the apps.
from dxportal.operations.page_cache.middleware import PageCacheMiddleware  # noqa: E402
from dxportal.operations.page_cache.prebuilt_files import PrebuiltFiles  # noqa: E402

application: Any = PageCacheMiddleware(django_application, settings.PAGE_MEMORY, PrebuiltFiles(settings.FILES_DIR))
freeze_startup_objects()
