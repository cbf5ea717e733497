"""Indicators with one definition each, the official series, frozen yearly snapshots, dashboards' data."""
