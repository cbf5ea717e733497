"""What people do at the doors. Each writes whole or not at all, and leaves an event."""

from kalkan.exchange.services.exports import Export, NoSuchList, begin_export
from kalkan.exchange.services.imports import (
    ActorNeeded,
    Mode,
    NotNow,
    State,
    begin_import,
    check_run,
    discard,
    forget_old_files,
    import_source,
    is_stalled,
    perform_run,
    upload,
)

__all__ = [
    "ActorNeeded",
    "Export",
    "Mode",
    "NoSuchList",
    "NotNow",
    "State",
    "begin_export",
    "begin_import",
    "check_run",
    "discard",
    "forget_old_files",
    "import_source",
    "is_stalled",
    "perform_run",
    "upload",
]
