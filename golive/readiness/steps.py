"""What is to be done next where a check is not green, and why a check could not be made now: as codes. Pure."""

from enum import StrEnum


class Step(StrEnum):
    """The next step; `golive.readiness.texts` has each in words."""

    NOT_HTTPS = "not_https"
    UNKNOWN_HOST = "unknown_host"
    LOCAL_ADDRESS = "local_address"
    NO_ANSWER = "no_answer"
    WRONG_ANSWER = "wrong_answer"
    ENTER_CALLBACK = "enter_callback"
    VERIFY_TOKEN = "verify_token"
    SECRET = "secret"
    NO_KEY = "no_key"
    NOT_SUBSCRIBED = "not_subscribed"
    FOREIGN_CALLBACK = "foreign_callback"
    INACTIVE = "inactive"
    MISSING_FIELDS = "missing_fields"
    VERSION_ENDS = "version_ends"
    MARKETING_ENDS = "marketing_ends"
    OTHER_VERSION = "other_version"
    UNKNOWN_VERSION = "unknown_version"
    INSTALL = "install"
    INSTALL_FROM_META = "install_from_meta"
    NO_INSTALL_NOTICE = "no_install_notice"
    NOTHING_CAME = "nothing_came"
    UNINSTALL = "uninstall"
    NO_UNINSTALL_NOTICE = "no_uninstall_notice"
    WAIT = "wait"
    AT_META = "at_meta"
    STILL_V2 = "still_v2"
    NO_V3_NOTICE = "no_v3_notice"
    DISAGREEMENT = "disagreement"
    RECONNECT = "reconnect"
    TOKENS_END = "tokens_end"
    PERMISSIONS = "permissions"


class Problem(StrEnum):
    """Why a check could not be made now; what Meta or the key ring says of an error is no such code."""

    PAUSED = "paused"
    NO_BUSINESS = "no_business"
    NO_LIVING_TOKEN = "no_living_token"
    NO_NOTICE = "no_notice"
    SYNCING = "syncing"
    UNTOLD = "untold"
    BROKE = "broke"


class CannotTell(Exception):
    """The check cannot be made now and keeps what it found before; `step` is for one that never was made."""

    def __init__(self, problem: Problem, step: Step | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.step = step
