"""How a request is handled: webhooks and health checks without middleware, everything else through Django's handler."""

from collections.abc import Callable

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler

from config.headers import bare

# Health checks come from inside, over plain HTTP, and to whatever host name the prober has for this process.
BARE_PREFIXES = ("/webhooks/", "/healthz", "/readyz")

Application = Callable[[dict[str, object], object], object]


class BareHandler(WSGIHandler):
    """Django's handler with an empty middleware chain: a signed body needs no session, locale or CSRF check."""

    def load_middleware(self, is_async: bool = False) -> None:
        """Connect the view directly; an exception still becomes a response."""
        self._view_middleware: list[object] = []
        self._template_response_middleware: list[object] = []
        self._exception_middleware: list[object] = []
        self._middleware_chain = bare(convert_exception_to_response(self._get_response))  # type: ignore[attr-defined]


def handler_by_path() -> Application:
    """Make the WSGI application that chooses the handler by path."""
    short, full = BareHandler(), WSGIHandler()

    def application(environ: dict[str, object], start_response: object) -> object:
        is_bare = str(environ.get("PATH_INFO", "")).startswith(BARE_PREFIXES)
        return (short if is_bare else full)(environ, start_response)  # type: ignore[arg-type]

    return application
