from django.apps import AppConfig


class NamesConfig(AppConfig):
    name = "dxportal.names"
    label = "names"
    verbose_name = "名"

    def ready(self) -> None:
        from dxportal.names.folded import refresh
        from dxportal.revisions.advancing import FOLLOWERS

        FOLLOWERS.append(refresh)
