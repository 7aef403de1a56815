"""Somebody with a browser, all of whose pages are kept to be searched."""

import html
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from tests.canary.finder import Place

_FIELD = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_LINK = re.compile(r'(?:href|src)="([^"#]+)')
# What only the browser itself reads: the cookie's job is to hold a secret, and Meta must be told the state.
UNSHOWN_HEADERS = ("set-cookie", "location")


class Pages:
    """Every answer that anybody got."""

    def __init__(self) -> None:
        self.kept: list[tuple[Place, bytes]] = []

    def keep(self, who: str, answer: requests.Response) -> None:
        """Keep the body, and the headers that are not for the browser alone."""
        path = urlsplit(answer.url).path
        name = f"{path} for {who}, {answer.request.method}, {answer.status_code}"
        headers = "\n".join(
            f"{key}: {value}" for key, value in answer.headers.items() if key.lower() not in UNSHOWN_HEADERS
        )
        self.kept.append((Place("page", name), headers.encode() + b"\n\n" + answer.content))


class Visitor:
    """One browser."""

    def __init__(self, url: str, pages: Pages, name: str) -> None:
        self.url, self.name = url, name
        self.session = requests.Session()
        self.session.hooks["response"].append(lambda answer, **_: self._keep(pages, answer))

    def get(self, path: str, **query: Any) -> requests.Response:
        """Open an address."""
        return self.session.get(urljoin(self.url, path), params=query, timeout=60)

    def post(
        self, path: str, form: Mapping[str, Any] | None = None, *, on: str = "", follow: bool = True
    ) -> requests.Response:
        """Send a form, which stands on the page `on`, or on the one that it is sent to."""
        page = self.session.get(urljoin(self.url, on or path), timeout=60)
        field = _FIELD.search(page.text)
        data = {"csrfmiddlewaretoken": field[1] if field else self.session.cookies.get("csrftoken", ""), **(form or {})}
        headers = {"Referer": page.url}
        address = urljoin(self.url, path)
        return self.session.post(address, data=data, headers=headers, timeout=60, allow_redirects=follow)

    def sign_in(self, username: str, password: str) -> requests.Response:
        """Sign in to the admin."""
        return self.post("/admin/login/", {"username": username, "password": password, "next": "/admin/"})

    def walk(self, *starts: str, most: int = 400) -> set[str]:
        """Open every page of the admin that links lead to, each kind of query once; give their paths."""
        paths: set[str] = set()
        waiting, known = list(starts), set(starts)
        while waiting and len(paths) < most:
            address = waiting.pop()
            answer = self.get(address)
            paths.add(urlsplit(address).path)
            if "html" not in answer.headers.get("Content-Type", ""):
                continue
            for link in map(html.unescape, _LINK.findall(answer.text)):
                found = urlsplit(urljoin(answer.url, link))
                kind = found.path + "?" + "&".join(sorted(each.partition("=")[0] for each in found.query.split("&")))
                if found.path.startswith(("/admin/", "/account/")) and "logout" not in link and kind not in known:
                    known.add(kind)
                    waiting.append(f"{found.path}?{found.query}" if found.query else found.path)
        return paths

    def _keep(self, pages: Pages, answer: requests.Response) -> None:
        if answer.url.startswith(self.url):
            pages.keep(self.name, answer)
