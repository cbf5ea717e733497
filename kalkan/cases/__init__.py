"""Screening → preliminary interview → identification → decision → protection → closure."""
