"""`python -m sandbox`: run the sandbox until it is told to stop."""

import argparse
import signal
import sys
from threading import Event
from types import FrameType

from sandbox.server import start


def main() -> int:
    """Serve until SIGINT or SIGTERM; 2 when the port is busy."""
    parser = argparse.ArgumentParser(prog="sandbox", description="A stand-in for Meta, for trying and testing.")
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--state", metavar="FILE", help="keep the state in this file")
    parser.add_argument("--public-url", default="", help="the address that people use, shown on the front page")
    options = parser.parse_args()
    stopped = Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    try:
        sandbox = start(options.port, options.state, host=options.host, public_url=options.public_url)
    except OSError as error:
        print(f"sandbox: port {options.port} cannot be used: {error.strerror}", file=sys.stderr)
        return 2
    print(f"sandbox Meta at {sandbox.url}", flush=True)
    stopped.wait()
    sandbox.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
