from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "kalkan.access"
    label = "access"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created

        from kalkan.access.session import tell_opened

        connection_created.connect(tell_opened, dispatch_uid="kalkan.access.session")
