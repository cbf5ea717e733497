from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "kalkan.web"
    label = "web"
