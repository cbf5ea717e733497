from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "kalkan.exchange"
    label = "exchange"
