"""Kalkan: the information system of a national counter-trafficking response."""

__version__ = "0.1.0"
