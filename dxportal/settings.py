"""Settings of the portal. These environment variables configure a host:

DATABASE_URL   the database; default: SQLite in var/
SECRET_KEY     default: generated once into var/secret-key, which is not committed
PORT           the port that `serve` listens on; default: 8000
WORKERS        worker processes, 1 to 64; default: 1
PAGE_MEMORY    megabytes of the page cache of each process; 0: no page cache; default: 64
STATEMENT_TIMEOUT  seconds after which PostgreSQL cancels a statement; 0: never; default: 60
LOCK_TIMEOUT   seconds that a writer waits for a lock; 0: for ever with PostgreSQL, not at all with SQLite; default: 20
ALLOWED_HOSTS  comma-separated host names in addition to the host of SITE_URL; default: this machine
PLAN           the plan folder that `serve` loads into an empty catalogue; default: the first in fixtures/
SENT_BY_NGINX  the internal location through which nginx sends prebuilt files (deploy/nginx.conf: /finished/)
SITE_URL       the public URL, used in the sitemap, citations, files and mails; https:// means behind a proxy
HSTS_SUBDOMAINS  1: with https://, HSTS says includeSubDomains and preload; default: 0
EMAIL_HOST     the SMTP server; default: none, mails are printed on the console of the site. With it EMAIL_PORT,
               EMAIL_HOST_USER, EMAIL_HOST_PASSWORD, EMAIL_USE_TLS (1: STARTTLS)
DEFAULT_FROM_EMAIL  the sender of mails; default: noreply at the host of SITE_URL
"""

from __future__ import annotations

import os
import tomllib
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from dxportal.environment import (
    database_settings,
    parse_integer,
    parse_location,
    parse_port,
    parse_site_url,
    parse_switch,
)
from dxportal.public.addresses import ADDRESSES
from dxportal.secret_key import load_or_create

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
FILES_DIR = VAR_DIR / "files"
VERSION = str(tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])

DEBUG = False
SECRET_KEY = os.environ.get("SECRET_KEY") or load_or_create(VAR_DIR / "secret-key")
PORT = parse_port(os.environ.get("PORT", ""))
WORKERS = parse_integer("WORKERS", os.environ.get("WORKERS", ""), default=1, least=1, most=64)
PAGE_MEMORY = parse_integer("PAGE_MEMORY", os.environ.get("PAGE_MEMORY", ""), default=64, most=16_384)
SENT_BY_NGINX = parse_location("SENT_BY_NGINX", os.environ.get("SENT_BY_NGINX", ""))
SITE_URL = parse_site_url(os.environ.get("SITE_URL") or f"http://127.0.0.1:{PORT}")
ALLOWED_HOSTS = [
    host
    for host in {
        *os.environ.get("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]").replace(" ", "").split(","),
        urlsplit(SITE_URL).hostname,
    }
    if host
]

INSTALLED_APPS = [
    "catalog",
    "projects",
    "budgets",
    "dxportal",
    "dxportal.public",
    "dxportal.revisions",
    "dxportal.revisions.names",
    "dxportal.search",
    "dxportal.changesets",
    "dxportal.sheets",
    "dxportal.staff",
    "dxportal.staff.apps.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "axes",
    "django_filters",
    "import_export",
]

MIDDLEWARE = [
    "dxportal.security.ContentSecurityPolicyMiddleware",
    "dxportal.security.PermissionsPolicyMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "dxportal.operations.page_cache.cache_headers.CacheHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "dxportal.request_input.AddressMiddleware",
    "dxportal.staff.sessions.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "dxportal.security.RefusalLogMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
    "dxportal.request_input.NulInFormsMiddleware",
]

ROOT_URLCONF = "dxportal.urls"
WSGI_APPLICATION = "dxportal.wsgi.application"
ABSOLUTE_URL_OVERRIDES = ADDRESSES

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dxportal.public.context_processors.plan_and_page_url",
            ],
            "builtins": [
                "django.templatetags.i18n",
                "django.templatetags.static",
                "dxportal.staff.templatetags.staff",
                "dxportal.public.templatetags.layout",
                "dxportal.public.templatetags.components",
                "dxportal.public.templatetags.formats",
            ],
        },
    },
]

DATABASES = {
    "default": database_settings(
        os.environ.get("DATABASE_URL", ""),
        VAR_DIR / "dxportal.sqlite3",
        statement_timeout=parse_integer(
            "STATEMENT_TIMEOUT", os.environ.get("STATEMENT_TIMEOUT", ""), default=60, most=86_400
        ),
        lock_timeout=parse_integer("LOCK_TIMEOUT", os.environ.get("LOCK_TIMEOUT", ""), default=20, most=86_400),
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# A session lasts a working day; a form sent after that is given back to be sent again (staff/sessions.py).
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
SESSION_ENGINE = "dxportal.staff.sessions"
SESSION_COOKIE_AGE = 12 * 60 * 60
PASSWORD_RESET_TIMEOUT = 60 * 60
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

# Failed logins are counted by name and address, so that no stranger can lock a colleague out. Five, because people
# mistype three or four times; fifteen minutes, because 480 guesses a day are hopeless and a person can wait.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # the page shows when the lockout ends
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "dxportal.staff.signing_in.render_lockout"
AXES_USERNAME_CALLABLE = "dxportal.staff.signing_in.attempted_username"
AXES_ENABLE_ADMIN = False  # its pages are in English; `axes_list_attempts` and `axes_reset` do the same
AXES_DISABLE_ACCESS_LOG = True  # Django stores the last login; a log of all logins would be a profile

LANGUAGE_CODE = "ja"
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True
LOCALE_PATHS = [BASE_DIR / "locale"]

# A project with the budget lines of many years is one form, with about twenty values per line.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# By default django-import-export checks no permission.
IMPORT_EXPORT_EXPORT_PERMISSION_CODE = "view"
IMPORT_EXPORT_IMPORT_PERMISSION_CODE = "change"

# Only sheets are uploaded; BoundedUpload refuses large files before they are written to disk.
FILE_UPLOAD_HANDLERS = [
    "dxportal.sheets.upload_limits.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# Without an SMTP server, mails are printed on the console.
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_USE_TLS = parse_switch("EMAIL_USE_TLS", os.environ.get("EMAIL_USE_TLS", ""))
EMAIL_PORT = parse_port(os.environ.get("EMAIL_PORT", ""), "EMAIL_PORT", 587 if EMAIL_USE_TLS else 25)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL") or f"noreply@{urlsplit(SITE_URL).hostname}"

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Behind an HTTPS proxy, cookies and redirects require HTTPS; on this machine plain HTTP has to work.
BEHIND_HTTPS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = BEHIND_HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_HTTPS else None
# `serve` listens on this machine with plain HTTP, so HTTPS means exactly one proxy. The proxy appends the client's
# address to X-Forwarded-For; the client may have written the entries before it, hence no further proxies, not strict.
AXES_IPWARE_META_PRECEDENCE_ORDER = ("HTTP_X_FORWARDED_FOR" if BEHIND_HTTPS else "REMOTE_ADDR",)
AXES_IPWARE_PROXY_COUNT = 0
IPWARE_STRICT = False
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_HTTPS else 0
# Opt-in, because other services may use subdomains, and a host is hard to remove from preload lists.
HSTS_SUBDOMAINS = parse_switch("HSTS_SUBDOMAINS", os.environ.get("HSTS_SUBDOMAINS", ""))
SECURE_HSTS_INCLUDE_SUBDOMAINS = BEHIND_HTTPS and HSTS_SUBDOMAINS
SECURE_HSTS_PRELOAD = BEHIND_HTTPS and HSTS_SUBDOMAINS
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]  # they demand both for every site
SESSION_COOKIE_SECURE = BEHIND_HTTPS
CSRF_COOKIE_SECURE = BEHIND_HTTPS
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "dxportal.staff.late_submissions.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
# Public pages have no scripts; the admin has its own.
SECURE_CSP = {
    "default-src": ["'none'"],
    "style-src": ["'self'"],
    "img-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}
SECURE_CSP_ADMIN = SECURE_CSP | {"script-src": ["'self'"], "connect-src": ["'self'"]}
PERMISSIONS_DENIED = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "payment",
    "usb",
)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"no_refusals": {"()": "dxportal.security.NoRefusals"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"django.request": {"filters": ["no_refusals"]}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
