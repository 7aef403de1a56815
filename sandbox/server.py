"""The sandbox as a whole: the Flask application and the server around it."""

from pathlib import Path
from threading import Thread

from flask import Flask

from sandbox.configuration import is_customizable, lists_of, settings_of
from sandbox.control import control
from sandbox.dialog import dialog
from sandbox.graph_routes import graph
from sandbox.management import PATH, label, management
from sandbox.pages import pages
from sandbox.world import EXTENSION, World
from sandbox.wsgi_server import KeepAliveServer


def create_app(world: World) -> Flask:
    """The application that speaks Meta's side and shows the sandbox's own pages."""
    app = Flask(__name__)
    app.extensions[EXTENSION] = world
    # Flask's own limit is far below what one batch of a catalog may have.
    app.config["MAX_FORM_MEMORY_SIZE"] = None
    app.jinja_env.globals |= {"label": label, "settings_of": settings_of, "lists_of": lists_of, "management_path": PATH}
    app.jinja_env.tests["customizable"] = is_customizable
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    for blueprint in (dialog, management, pages, control, graph):
        app.register_blueprint(blueprint)
    return app


class RunningSandbox:
    """A sandbox that answers at `url` until `stop`."""

    def __init__(self, world: World, server: KeepAliveServer) -> None:
        self._world = world
        self._server = server
        self._thread = Thread(target=server.serve_forever, args=(0.02,), name="sandbox", daemon=True)
        self.port = server.server_port
        self.url = f"http://{server.server_name}:{server.server_port}"

    def start(self) -> "RunningSandbox":
        """Begin to answer."""
        self._world.start()
        self._thread.start()
        return self

    def stop(self) -> None:
        """Answer nothing any more, deliver nothing any more, and have the state on disk."""
        self._server.stop()
        self._world.stop()
        self._thread.join()

    def __enter__(self) -> "RunningSandbox":
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def start(
    port: int = 0, state_path: Path | str | None = None, *, host: str = "127.0.0.1", public_url: str = ""
) -> RunningSandbox:
    """Start a sandbox in threads of this process; port 0 takes a free one. Raises OSError for a busy port."""
    world = World(Path(state_path) if state_path else None, public_url)
    server = KeepAliveServer(host, port)
    server.set_app(create_app(world))
    return RunningSandbox(world, server).start()
