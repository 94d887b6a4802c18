from django.apps import AppConfig


class BoardsConfig(AppConfig):
    name = "project"

    def ready(self):
        from . import signals  # noqa: F401
