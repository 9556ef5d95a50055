"""The WSGI application that the server runs: Django's, behind the pages that are kept in memory."""

import os
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from dxportal.memory import settle
from dxportal.request_input import Utf8Requests

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dxportal.settings")
application: Any = get_wsgi_application()
if settings.PAGE_MEMORY:
    from dxportal.kept.boundary import KeptPages  # these need the apps that Django has just set up
    from dxportal.kept.files import Files

    application = KeptPages(application, settings.PAGE_MEMORY, Files(settings.FILES_DIR))
application = Utf8Requests(application)
settle()
