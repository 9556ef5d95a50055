SECRET_KEY = "only for measuring"  # noqa: S105  # nobody signs in here
ALLOWED_HOSTS = ["127.0.0.1"]
