"""The ASGI application that `manage.py serve` runs: the WSGI application behind a front that nobody can hold up."""

from typing import Any

from dxportal.wsgi import application as pages  # isort: split

# These need the apps that Django has just set up.
from dxportal.operations.serving import lifeline
from dxportal.operations.serving.gateway import AsgiGateway

application: Any = AsgiGateway(pages)
pages.poller.start()
lifeline.end_with_supervisor()
