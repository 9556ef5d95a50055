from django.apps import AppConfig


class ChangesConfig(AppConfig):
    name = "dxportal.changes"
    label = "changes"
    verbose_name = "変更"
