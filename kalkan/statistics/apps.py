from django.apps import AppConfig


class StatisticsConfig(AppConfig):
    name = "kalkan.statistics"
    label = "statistics"
