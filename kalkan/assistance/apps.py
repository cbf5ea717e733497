from django.apps import AppConfig


class AssistanceConfig(AppConfig):
    name = "kalkan.assistance"
    label = "assistance"
