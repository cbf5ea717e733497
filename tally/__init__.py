"""The arithmetic of national figures: no Django, no database, no clock."""
