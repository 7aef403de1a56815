"""Files that people send: to where products are handed over, by those who may, on disk, and not above the limit."""

from tempfile import TemporaryFile
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest
from django.urls import reverse

from catalogs.unpacking import MOST_BYTES
from partners.models import Role
from partners.viewing import viewer

MOST_BYTES_OF_A_PICTURE = 2 * 1024 * 1024


class LimitedUpload(FileUploadHandler):
    """Writes a file to disk as it comes; one above its place's limit is left out, and the request says so.

    The file has no name there: it may hold tokens, and so nothing of it outlives this process, however that ends.
    """

    request: HttpRequest
    _size = 0
    _most = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Take files in three places only, of those who may hand something over there."""
        self._most = most_bytes_at(self.request.path_info)
        if not self._most or not viewer(self.request).may(Role.MANAGER):
            raise SkipFile
        super().new_file(*args, **kwargs)
        nameless = TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR)  # noqa: SIM115  # closed with the request
        self.file = UploadedFile(nameless, self.file_name, self.content_type, 0, self.charset, self.content_type_extra)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a piece, up to the limit."""
        self._size += len(raw_data)
        if self._size > self._most:
            self.request.has_too_large_file = True  # type: ignore[attr-defined]  # read by the form's admin
            raise SkipFile
        self.file.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes]":
        """Give the file, to be read from its beginning."""
        self.file.seek(0)
        self.file.size = file_size
        return self.file


def most_bytes_at(path: str) -> int:
    """How large a file may be that is sent to this address: products, v2 installations, pictures of menus; else 0."""
    imports, menus = (reverse(name, args=[0]).removesuffix("0/") for name in ("golive-imports", "golive-menus"))
    if path == reverse("admin:catalogs_intake_add") or path.startswith(imports):
        return MOST_BYTES
    return MOST_BYTES_OF_A_PICTURE if path.startswith(menus) else 0
