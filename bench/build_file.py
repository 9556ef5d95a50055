"""Build the prebuilt file of one address for a database's revision; `manage.py make_files` builds all of them."""

from __future__ import annotations

import sys

import django


def main(address: str) -> None:
    django.setup()
    from django.conf import settings
    from django.core.wsgi import get_wsgi_application

    from dxportal.operations.page_cache.prebuild import build_files

    build_files(settings.FILES_DIR, [address], get_wsgi_application())


if __name__ == "__main__":
    main(sys.argv[1])
