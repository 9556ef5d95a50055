from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "dxportal.sheets"
    label = "imports"
    verbose_name = "取り込み"
