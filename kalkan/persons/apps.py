from django.apps import AppConfig


class PersonsConfig(AppConfig):
    name = "kalkan.persons"
    label = "persons"
