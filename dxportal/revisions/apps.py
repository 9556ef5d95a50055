from django.apps import AppConfig


class RevisionsConfig(AppConfig):
    name = "dxportal.revisions"
    label = "revisions"
    verbose_name = "版"
