"""Why Meta no longer accepts a token: subcodes of error 190 that say it plainly (meta-api, section 8.1)."""

from typing import Final

APP_REMOVED: Final = 458
PASSWORD_CHANGED: Final = 460
EXPIRED: Final = 463
# Meta says "invalid": the sign-in was ended, or the access taken back.
INVALID: Final = 467
