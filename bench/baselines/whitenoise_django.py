"""WhiteNoise as a Django site has it: a middleware, in front of everything else."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

settings.configure(
    SECRET_KEY="only for measuring",  # noqa: S106  # nobody signs in here
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF="whitenoise_django",
    MIDDLEWARE=["django.middleware.security.SecurityMiddleware", "whitenoise.middleware.WhiteNoiseMiddleware"],
    WHITENOISE_ROOT=os.environ["SERVED"],
    STATIC_URL="/static/",
)
urlpatterns = []
application = get_wsgi_application()
