"""ASGI application that `manage.py serve` runs: the gateway around the WSGI application."""

from typing import Any

from dxportal.wsgi import application as pages  # isort: split

# Imported after django.setup(), which importing the WSGI application runs.
from dxportal.operations.serving import lifeline
from dxportal.operations.serving.gateway import AsgiGateway

application: Any = AsgiGateway(pages)
pages.poller.start()
lifeline.end_with_supervisor()
