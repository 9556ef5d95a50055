from django.apps import AppConfig
from django.contrib.admin import apps


class DeskConfig(AppConfig):
    name = "dxportal.staff"
    label = "desk"
    verbose_name = "職員の机"


class DeskAdminConfig(apps.AdminConfig):
    """Django's admin app with`DeskAdminSite` as its default site."""

    default = False  # DeskConfig is this module's default
    default_site = "dxportal.staff.admin_site.DeskAdminSite"
