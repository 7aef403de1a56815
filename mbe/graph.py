"""The client of a business's connection: installs, configuration, tokens (meta-api, 1.3, 3 to 5, 8)."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from mbe.answers import read_answer
from mbe.batches import MAX_OPERATIONS, answers_of, operation
from mbe.calling import GraphCaller, expect_success
from mbe.customizing import InstanceSettings, business_config
from mbe.errors import DoubtfulAnswer, GraphError, TransientError
from mbe.fca import BusinessConfiguration, parse_business_configuration
from mbe.installs import Installs, parse_installs
from mbe.paging import all_elements
from mbe.signature import appsecret_proof
from mbe.transport import Answer, NoAuthorization, send
from mbe.wire import text

INSTALLS_PATH = "fbe_business/fbe_installs"
CONFIGURATION_PATH = "fbe_business"

_T = TypeVar("_T")


@dataclass(frozen=True)
class Token:
    """A token as Meta granted it; ``expires_in`` is in seconds, None where Meta named no end."""

    access_token: str = field(repr=False)
    token_type: str
    expires_in: int | None


@dataclass(frozen=True)
class Subject:
    """Whom a call of a batch is about, and the token for it."""

    external_business_id: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class SystemUserWish:
    """In which Business Manager the token of a system user is asked for, by whose login, and for what."""

    business_manager_id: str
    subject: Subject
    scopes: Sequence[str]


class GraphClient(GraphCaller):
    """Calls the Graph API about the businesses of one app; every call may raise any leaf of GraphError."""

    def installs(self, external_business_id: str, token: str) -> Installs:
        """Read what is installed, all pages of it (meta-api, 3)."""
        subject = Subject(external_business_id, token)
        return self._all_installs(subject, self._installs_page(subject))

    def feature_configuration(self, external_business_id: str, token: str) -> BusinessConfiguration:
        """Read the configuration of the features (meta-api, 4.1)."""
        params = {"fbe_external_business_id": external_business_id}
        return parse_business_configuration(self._call("GET", CONFIGURATION_PATH, token, params=params))

    def update_feature_configuration(
        self, external_business_id: str, token: str, business_config: Mapping[str, Any]
    ) -> None:
        """Write the configuration of customizable features (meta-api, 4.2); read it again to see the result."""
        form = {"fbe_external_business_id": external_business_id, "business_config": json.dumps(business_config)}
        expect_success(self._call("POST", CONFIGURATION_PATH, token, form=form))

    def uninstall(self, external_business_id: str, token: str) -> None:
        """Remove the whole connection of this business (meta-api, 3.3)."""
        params = {"fbe_external_business_id": external_business_id}
        expect_success(self._call("DELETE", INSTALLS_PATH, token, params=params))

    def uninstall_feature(
        self,
        external_business_id: str,
        token: str,
        feature_type: str,
        feature_instance_id: str,
        *,
        is_only_one: bool,
    ) -> None:
        """Switch one instance of a customizable feature off, which is as near to uninstalling it as Meta's API comes.

        The specification says that the instance id serves to uninstall, and names no call; that this is it, and whether
        the instance stays listed, is inferred (meta-api, 4.2 and 7). ``is_only_one``: the business has no other
        instance of the type. Raises ValueError for a type that is not customizable.
        """
        off = InstanceSettings(feature_type, feature_instance_id, {"enabled": False}, is_only_one)
        self.update_feature_configuration(external_business_id, token, business_config([off]))

    def exchange_code(self, code: str, redirect_uri: str) -> Token:
        """Exchange the login's code, once, for the token of the person (meta-api, 1.3).

        ``redirect_uri`` must be, byte for byte, the one that the dialog was opened with.
        """
        params = {
            "client_id": self._app_id,
            "redirect_uri": redirect_uri,
            "client_secret": self._app_secret,
            "code": code,
        }
        url = f"{self._root}oauth/access_token"
        answer = send(self._session, "GET", url, auth=NoAuthorization(), timeout=self._timeout, params=params)
        payload = read_answer(answer.status, answer.headers, answer.body, (code, self._app_secret))
        return _token(payload, default_type="user")

    def system_user_token(self, wish: SystemUserWish) -> Token:
        """Get the token of the system user in the client's Business Manager, by the login's token (meta-api, 5.1)."""
        path, form = self._wish(wish)
        return _system_user_token(self._call("POST", path, wish.subject.token, form=form))

    def system_user_token_batch(self, wishes: Sequence[SystemUserWish]) -> list[Token | GraphError]:
        """Get up to 50 tokens of system users in one request, as ``installs_batch`` reads."""
        operations = []
        for wish in wishes:
            path, form = self._wish(wish)
            proof = {"appsecret_proof": appsecret_proof(wish.subject.token, self._app_secret)}
            operations.append(operation(path, wish.subject.token, {**form, **proof}))
        subjects = [wish.subject for wish in wishes]
        return self._send_batch(subjects, operations, lambda _, payload: _system_user_token(payload))

    def _wish(self, wish: SystemUserWish) -> tuple[str, dict[str, str]]:
        form = {
            "app_id": self._app_id,
            "scope": ",".join(wish.scopes),
            "fbe_external_business_id": wish.subject.external_business_id,
        }
        return f"{quote(wish.business_manager_id, safe='')}/access_token", form

    def installs_batch(self, subjects: Sequence[Subject]) -> list[Installs | GraphError]:
        """Read what is installed for up to 50 subjects in one request, each with its own token (meta-api, 8.3).

        The list is in the order of the subjects and holds an error for each one that failed. A batch that fails as a
        whole raises. A subject with more than one page costs further requests. Raises ValueError for too many subjects.
        """
        return self._batch(INSTALLS_PATH, subjects, self._all_installs)

    def feature_configuration_batch(self, subjects: Sequence[Subject]) -> list[BusinessConfiguration | GraphError]:
        """Read the configuration of the features for up to 50 subjects in one request, as ``installs_batch`` does."""
        return self._batch(CONFIGURATION_PATH, subjects, lambda _, payload: parse_business_configuration(payload))

    def _all_installs(self, subject: Subject, page: object) -> Installs:
        elements = all_elements(page, lambda after: self._installs_page(subject, after=after))
        return parse_installs({"data": elements})

    def _installs_page(self, subject: Subject, **cursor: str) -> object:
        params = {"fbe_external_business_id": subject.external_business_id, **cursor}
        return self._call("GET", INSTALLS_PATH, subject.token, params=params)

    def _batch(
        self, path: str, subjects: Sequence[Subject], parse: Callable[[Subject, object], _T]
    ) -> list[_T | GraphError]:
        return self._send_batch(subjects, [self._operation(path, subject) for subject in subjects], parse)

    def _send_batch(
        self,
        subjects: Sequence[Subject],
        operations: Sequence[Mapping[str, str]],
        parse: Callable[[Subject, object], _T],
    ) -> list[_T | GraphError]:
        if len(subjects) > MAX_OPERATIONS:
            raise ValueError(f"A batch has at most {MAX_OPERATIONS} subjects")
        if not subjects:
            return []
        form = {"batch": json.dumps(operations), "include_headers": "true"}
        payload = self._call("POST", "", self._app_token, form=form)
        answers = answers_of(payload, len(subjects))
        return [self._outcome(subject, answer, parse) for subject, answer in zip(subjects, answers, strict=True)]

    def _operation(self, path: str, subject: Subject) -> dict[str, str]:
        params = {
            "fbe_external_business_id": subject.external_business_id,
            "appsecret_proof": appsecret_proof(subject.token, self._app_secret),
        }
        return operation(f"{path}?{urlencode(params)}", subject.token)

    def _outcome(
        self, subject: Subject, answer: Answer | None, parse: Callable[[Subject, object], _T]
    ) -> _T | GraphError:
        if answer is None:
            return TransientError("Meta did not finish this operation of the batch")
        try:
            secrets = (subject.token, self._app_secret)
            return parse(subject, read_answer(answer.status, answer.headers, answer.body, secrets))
        except GraphError as error:
            return error


def _system_user_token(payload: object) -> Token:
    return _token(payload, default_type="system_user")


def _token(payload: object, *, default_type: str) -> Token:
    access_token = payload.get("access_token") if isinstance(payload, dict) else None
    if not isinstance(payload, dict) or not isinstance(access_token, str) or not access_token:
        raise DoubtfulAnswer("The answer holds no token")
    token_type = text(payload.get("token_type"))
    expires_in = payload.get("expires_in")
    return Token(
        access_token=access_token,
        # "bearer" says how a token is sent, not whose it is.
        token_type=default_type if token_type.lower() in ("", "bearer") else token_type,
        expires_in=expires_in if isinstance(expires_in, int) and expires_in > 0 else None,
    )
