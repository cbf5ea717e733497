from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "kalkan.access"
    label = "access"
