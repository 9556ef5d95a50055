from django.apps import AppConfig


class DxportalConfig(AppConfig):
    name = "dxportal"
    verbose_name = "dxportal"
