from django.apps import AppConfig


class ChangesConfig(AppConfig):
    name = "dxportal.changesets"
    label = "changes"
    verbose_name = "変更"
