"""The WSGI application that the server runs: Django's, behind the pages that are kept in memory."""

import os
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from dxportal.memory import settle

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dxportal.settings")
application: Any = get_wsgi_application()
if settings.PAGE_MEMORY:
    from dxportal.kept.boundary import KeptPages  # it needs the apps that Django has just set up

    application = KeptPages(application, settings.PAGE_MEMORY)
settle()
