from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "dxportal.search"
    label = "search"
    verbose_name = "検索"

    def ready(self) -> None:
        from dxportal.revisions.publish import SUBSCRIBERS
        from dxportal.search.indexing import refresh_index

        SUBSCRIBERS.append(refresh_index)
