"""Backups: the whole installation but its keys, in one file that only a private key kept elsewhere opens."""


class Refused(Exception):
    """This backup cannot be written, or not be restored. Carries a sentence; nothing was changed."""
