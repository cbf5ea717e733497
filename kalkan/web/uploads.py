"""How files reach a view: in memory, never through a temporary file that would lie open on the disk."""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

FILES = 5  # in one request; the forms ask for two at most
_MARGIN = 1024 * 1024  # fields and headings around a file of the largest size


def most_bytes() -> int:
    """How large a request may be: the largest file, and the fields beside it."""
    return int(settings.UPLOAD_LIMIT) + _MARGIN


class InMemory(FileUploadHandler):
    """Keeps what fits in memory. Of a larger file only the size is kept, so that the form can say what is wrong."""

    def __init__(self, request: Any = None):
        super().__init__(request)
        self._count = self._size = 0

    def new_file(self, *arguments: Any, **options: Any) -> None:
        """Another file begins. More than any form asks for are not read."""
        super().new_file(*arguments, **options)
        self._count, self._size, self._held = self._count + 1, 0, BytesIO()
        if self._count > FILES:
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """A piece of it: taken here, passed to nobody."""
        self._size += len(raw_data)
        if self._size <= settings.UPLOAD_LIMIT:
            self._held.write(raw_data)
        else:
            self._held = BytesIO()

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """The file as a form gets it; empty where it was too large, with the size that it had."""
        self._held.seek(0)
        return InMemoryUploadedFile(
            self._held, self.field_name, self.file_name, self.content_type, self._size, self.charset,
            self.content_type_extra,
        )  # fmt: skip
