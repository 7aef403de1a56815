"""Which pictures are taken: by what they begin with, whatever their names say."""

PNG, JPEG, WEBP = "image/png", "image/jpeg", "image/webp"


def type_of(content: bytes) -> str:
    """The content type of a PNG, JPEG or WebP picture; empty for anything else."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    return WEBP if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""
