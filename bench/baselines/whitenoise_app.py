"""WhiteNoise around nothing, as its documentation shows it."""

import os

from whitenoise import WhiteNoise


def nothing(environ, start_response):
    start_response("404 Not Found", [("Content-Type", "text/plain")])
    return [b"Not Found"]


application = WhiteNoise(nothing, root=os.environ["SERVED"], max_age=60)
