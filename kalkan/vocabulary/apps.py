from django.apps import AppConfig


class VocabularyConfig(AppConfig):
    name = "kalkan.vocabulary"
    label = "vocabulary"
