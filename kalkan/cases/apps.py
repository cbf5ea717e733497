from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "kalkan.cases"
    label = "cases"
