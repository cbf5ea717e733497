"""Accounts, institutions, roles, permissions, policies."""
