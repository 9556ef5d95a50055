from django.apps import AppConfig
from django.contrib.admin import apps


class DeskConfig(AppConfig):
    name = "dxportal.staff"
    label = "desk"
    verbose_name = "職員の机"


class DeskAdminConfig(apps.AdminConfig):
    """Django's admin, with the desk's site in the place of its own."""

    default = False  # of this module
    default_site = "dxportal.staff.site.DeskSite"
