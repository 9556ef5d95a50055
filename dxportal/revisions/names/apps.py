from django.apps import AppConfig


class NamesConfig(AppConfig):
    name = "dxportal.revisions.names"
    label = "names"
    verbose_name = "名"

    def ready(self) -> None:
        from dxportal.revisions.names.folded_names import refresh_folded_names
        from dxportal.revisions.publish import SUBSCRIBERS

        SUBSCRIBERS.append(refresh_folded_names)
