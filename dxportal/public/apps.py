from django.apps import AppConfig


class PagesConfig(AppConfig):
    name = "dxportal.public"
    label = "pages"
    verbose_name = "公開ページ"
