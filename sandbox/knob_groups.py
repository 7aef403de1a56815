"""The groups of knobs, and the faults that can be asked for."""

from dataclasses import dataclass, field

from sandbox.model import Json

KINDS_OF_FAULT = (
    "rate_limit_app",
    "rate_limit_user",
    "rate_limit_buc",
    "dead_token",
    "server_error",
    "html_error",
    "empty_body",
    "truncated",
    "error_with_200",
    "success_false",
    "permission",
    "not_visible",
    "slow",
    "unfinished",
    "lost_answer",
    "echo",
    "echo_page",
)
PATHS_OF_FAULT = (
    "",
    "installs",
    "configuration",
    "configuration_write",
    "uninstall",
    "token",
    "batch",
    "page",
    "subscription",
    "pixel",
    "events",
    "asset",
    "catalog",
    "items_batch",
    "batch_status",
    "app",
)
# What stands for the reads of an edge also stands for its writes.
WIDER_PATHS = {"configuration_write": "configuration", "uninstall": "installs"}


@dataclass
class Fault:
    """The next `count` matching Graph calls fail like `kind`.

    `path` and `external_business_id` narrow it down; without either, a whole batch counts as one call. `subcode` is for
    dead_token, `minutes` for the rate limits' headers, `seconds` for slow. `unfinished` is the null element of a batch.
    `lost_answer`: the call takes effect, and a page of HTML with status 502 comes back. `echo` repeats the call with
    its token and parameters in the error's message, `echo_page` on a page of HTML.
    """

    kind: str
    count: int = 1
    path: str = ""
    external_business_id: str = ""
    subcode: int = 463
    minutes: int = 1
    seconds: float = 3.0

    def is_for(self, path: str, external_business_id: str) -> bool:
        """Whether a call of that kind, for that business, is meant."""
        paths = ("", path, WIDER_PATHS.get(path, path))
        return self.path in paths and self.external_business_id in ("", external_business_id)


@dataclass
class WebhookKnobs:
    """How notices are delivered. Seconds are seconds; `batch` is how many notices go into one body."""

    drop: bool = False
    delay_seconds: float = 0.0
    duplicate: bool = False
    reorder: bool = False
    batch: int = 1
    batch_wait_seconds: float = 5.0
    v2_payloads: bool = False
    bare_payloads: bool = False
    omit_token: bool = False
    business_integration: bool = True
    retry_seconds: float = 1.0
    announce_configuration: bool = False


@dataclass
class GraphKnobs:
    """How the Graph API answers; `answered_version` ("v24.0") is what it says it answered in, "" as it was asked.

    Calls of the path `hold`, one of a fault's, wait until the knob says something else. What an app uninstalls is still
    there for `uninstall_reads` more reads of the installs and for `uninstall_seconds`.
    """

    fail_next: list[Fault] = field(default_factory=list)
    slow_seconds: float = 0.0
    hold: str = ""
    v2_payloads: bool = False
    unknown_feature_types: bool = False
    refuse_batch: bool = False
    refuse_system_user_token: bool = False
    uninstall_reads: int = 0
    uninstall_seconds: float = 0.0
    answered_version: str = ""


@dataclass
class ConfigurationKnobs:
    """What Meta does with a written configuration.

    `refuse` {"types": [...], "message": "..."} refuses it, without `types` whatever it is about. `keeps`
    {type: {setting: value}} is kept instead of what was sent for that setting. An instance that is switched off stays
    listed, unless `removes_switched_off` (meta-api, 7: no source says which of the two Meta does).
    """

    refuse: Json = field(default_factory=dict)
    keeps: dict[str, Json] = field(default_factory=dict)
    removes_switched_off: bool = False


@dataclass
class CatalogKnobs:
    """How catalogs take their items: a batch is in progress for so many looks; items with these ids are refused."""

    polls_until_finished: int = 1
    refuse_ids: list[str] = field(default_factory=list)


@dataclass
class SubscriptionKnobs:
    """What the app's subscriptions say: without these fields, with this callback (""; its own), switched off."""

    missing_fields: list[str] = field(default_factory=list)
    callback_url: str = ""
    inactive: bool = False


KnobGroup = WebhookKnobs | GraphKnobs | ConfigurationKnobs | CatalogKnobs | SubscriptionKnobs
