"""Files that people send: to where products are handed over, by those who may, on disk, and not above the limit."""

from typing import Any

from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler
from django.http import HttpRequest
from django.urls import reverse

from catalogs.unpacking import MOST_BYTES
from partners.models import Role
from partners.viewing import viewer

MOST_BYTES_OF_A_PICTURE = 2 * 1024 * 1024


class LimitedUpload(TemporaryFileUploadHandler):
    """Writes a file to disk as it comes; one above its place's limit is left out, and the request says so."""

    request: HttpRequest
    _size = 0
    _most = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Take files in three places only, of those who may hand something over there."""
        self._most = most_bytes_at(self.request.path_info)
        if not self._most or not viewer(self.request).may(Role.MANAGER):
            raise SkipFile
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a piece, up to the limit."""
        self._size += len(raw_data)
        if self._size > self._most:
            self.request.has_too_large_file = True  # type: ignore[attr-defined]  # read by the form's admin
            raise SkipFile
        super().receive_data_chunk(raw_data, start)


def most_bytes_at(path: str) -> int:
    """How large a file may be that is sent to this address: products, v2 installations, pictures of menus; else 0."""
    imports, menus = (reverse(name, args=[0]).removesuffix("0/") for name in ("golive-imports", "golive-menus"))
    if path == reverse("admin:catalogs_intake_add") or path.startswith(imports):
        return MOST_BYTES
    return MOST_BYTES_OF_A_PICTURE if path.startswith(menus) else 0
