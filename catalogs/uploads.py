"""Files that people send: to where products are handed over, by those who may, on disk, and not above the limit."""

from typing import Any

from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest
from django.urls import reverse

from catalogs.unpacking import MOST_BYTES
from partners.models import Role
from partners.viewing import viewer


class LimitedUpload(TemporaryFileUploadHandler):
    """Writes a file to disk as it comes; a larger one than 200 MB is left out, and the request says so."""

    request: HttpRequest
    _size = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Take files in one place only, of those who may hand products over."""
        wanted = self.request.path_info == reverse("admin:catalogs_intake_add")
        if not wanted or not viewer(self.request).may(Role.MANAGER):
            raise SkipFile
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a piece, up to the limit."""
        self._size += len(raw_data)
        if self._size > MOST_BYTES:
            self.request.has_too_large_file = True  # type: ignore[attr-defined]  # read by the form's admin
            raise SkipFile
        super().receive_data_chunk(raw_data, start)
