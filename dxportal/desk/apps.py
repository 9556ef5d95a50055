from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "dxportal.desk"
    label = "desk"
    verbose_name = "職員の机"
