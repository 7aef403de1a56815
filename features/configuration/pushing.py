"""Push (us to Meta) of claimed plans: read, post what differs, read again."""


def drain() -> int:
    """Push whatever is due until nothing is; how many installations were handled."""
    return 0
