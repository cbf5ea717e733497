"""Where the suite's database is, for processes that a test starts."""

from django.db import connection


def database_url() -> str:
    """The address of the database of this test process, on whichever server it runs."""
    told = connection.get_connection_params()
    who = f"{told.get('user', '')}:{told.get('password', '')}@"
    host = told.get("host", "")
    if not host or host.startswith("/"):
        return f"postgresql://{who}/{told['dbname']}?host={host}"
    return f"postgresql://{who}{host}:{told.get('port', 5432)}/{told['dbname']}"
