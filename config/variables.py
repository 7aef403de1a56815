"""Environment variables read one by one, each with its type; a wrong one is named."""

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "[::1]")
_HOST = re.compile(r"\*|\.?[A-Za-z0-9_-][A-Za-z0-9._-]*|\[[0-9A-Fa-f:.]+\]")
_FLAGS = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


class ConfigurationError(ValueError):
    """A variable is missing or malformed; the message is one line that names it and never shows a secret's value."""


@dataclass(frozen=True)
class Variables:
    """The variables of one start; an empty value counts as not set."""

    values: Mapping[str, str]

    def text(self, name: str, default: str = "") -> str:
        """Take a text as it is, without the white space around it."""
        return self.values.get(name, "").strip() or default

    def required(self, name: str, why: str) -> str:
        """Take a text that must be set; `why` says for what."""
        value = self.text(name)
        if not value:
            raise ConfigurationError(f"{name} is not set: {why}")
        return value

    def matching(self, name: str, default: str, pattern: str, example: str) -> str:
        """Take a text that matches the whole pattern."""
        value = self.text(name, default)
        if not re.fullmatch(pattern, value):
            raise ConfigurationError(f"{name} must look like {example}, not {value!r}")
        return value

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """Take one of the words; the first is the default."""
        value = self.text(name, choices[0])
        if value not in choices:
            raise ConfigurationError(f"{name} must be one of {', '.join(choices)}, not {value!r}")
        return value

    def flag(self, name: str) -> bool:
        """Take a yes or no; not set is no."""
        value = self.text(name, "no").lower()
        if value not in _FLAGS:
            raise ConfigurationError(f"{name} must be true or false, not {value!r}")
        return _FLAGS[value]

    def number(self, name: str, default: float, lowest: float, highest: float) -> float:
        """Take a number between two bounds, both allowed."""
        value = self.text(name, str(default))
        try:
            number = float(value)
        except ValueError:
            raise ConfigurationError(f"{name} must be a number, not {value!r}") from None
        if not lowest <= number <= highest:
            raise ConfigurationError(f"{name} must be between {lowest:g} and {highest:g}, not {value!r}")
        return number

    def count(self, name: str, highest: int) -> int:
        """Take a whole number from 0, which is the default, to a bound."""
        value = self.text(name, "0")
        if not (re.fullmatch(r"[0-9]{1,9}", value) and int(value) <= highest):
            raise ConfigurationError(f"{name} must be a whole number from 0 to {highest}, not {value!r}")
        return int(value)

    def port(self, name: str, default: int) -> int:
        """Take a TCP port."""
        value = self.text(name, str(default))
        if not (re.fullmatch(r"[0-9]{1,5}", value) and 1 <= int(value) <= 65535):
            raise ConfigurationError(f"{name} must be a port between 1 and 65535, not {value!r}")
        return int(value)

    def names(self, name: str) -> tuple[str, ...]:
        """Take a list of words with commas between them."""
        return tuple(word.strip() for word in self.text(name).split(",") if word.strip())

    def hosts(self, name: str) -> tuple[str, ...]:
        """Take a list of host names as Django matches them: `*` is any, a dot in front takes in the subdomains."""
        hosts = self.names(name)
        if wrong := [host for host in hosts if not _HOST.fullmatch(host)]:
            raise ConfigurationError(f"{name} must be host names without scheme, port and path, not {wrong[0]!r}")
        return hosts

    def address(self, name: str, default: str, *, path_allowed: bool = True) -> str:
        """Take an https address, or an http one on loopback; a trailing slash is cut."""
        value = self.text(name, default).rstrip("/")
        try:
            parts = urlsplit(value)
            host, _port = parts.hostname, parts.port
        except ValueError:
            raise ConfigurationError(f"{name} is not a web address") from None
        if parts.scheme not in ("http", "https") or not host or not re.fullmatch(r"[A-Za-z0-9._:-]+", host):
            raise ConfigurationError(f"{name} must be an https:// address with a host")
        if parts.scheme == "http" and not is_loopback(host):
            raise ConfigurationError(f"{name} must be https: plain http is for {', '.join(LOOPBACK_HOSTS)} only")
        if parts.username or parts.query or parts.fragment or (parts.path and not path_allowed):
            parts_allowed = "scheme, host, port and path" if path_allowed else "scheme, host and port"
            raise ConfigurationError(f"{name} must have {parts_allowed} only")
        return value

    def service(self, name: str, schemes: Sequence[str]) -> str:
        """Take the address of a database or broker, which may hold a password: no message shows it."""
        value = self.text(name)
        try:
            parts = urlsplit(value)
            _port = parts.port
        except ValueError:
            raise ConfigurationError(f"{name} is malformed: its port or host cannot be read") from None
        if parts.scheme not in schemes or not (parts.netloc or parts.path.strip("/")):
            raise ConfigurationError(f"{name} must be an address that starts with {' or '.join(schemes)} and ://")
        return value

    def mail_address(self, name: str, default: str) -> str:
        """Take an address for mail, or a name with the address in angle brackets."""
        value = self.text(name, default)
        if not re.fullmatch(r"[^@<>\s]+@[^@<>\s]+|[^@<>\r\n]+ <[^@<>\s]+@[^@<>\s]+>", value):
            raise ConfigurationError(f"{name} must look like portal@example.com or Portal <portal@example.com>")
        return value

    def keys(self, name: str) -> tuple[str, ...]:
        """Take base64 keys of 32 bytes each, with commas between them; the first one encrypts."""
        keys = self.names(name)
        if not keys or not all(_is_key(key) for key in keys):
            raise ConfigurationError(f"{name} must be one or more base64 keys of 32 bytes, with commas between them")
        return keys


def is_loopback(host: str) -> bool:
    """Tell whether a host, as `urlsplit` gives it, is this machine itself."""
    return host in ("localhost", "127.0.0.1", "::1")


def _is_key(key: str) -> bool:
    try:
        return len(base64.b64decode(key.replace("-", "+").replace("_", "/"), validate=True)) == 32
    except (binascii.Error, ValueError):
        return False
