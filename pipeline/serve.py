"""A small web server for the built site, on this machine only; the browser tests use it too."""

from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

from pipeline import SITE, Refused


class _Handler(SimpleHTTPRequestHandler):
    prefix = "/"

    def translate_path(self, path: str) -> str:
        if not path.startswith(self.prefix):
            return str(Path(self.directory) / "does-not-exist")
        return super().translate_path("/" + path.removeprefix(self.prefix))

    def log_message(self, *_words) -> None:
        """Say nothing for each request."""


@contextmanager
def running(folder: Path, port: int = 0, prefix: str = "/"):
    """Serve `folder` below `prefix` while the context lasts; gives the address. Port 0: any free one."""
    handler = type("Handler", (_Handler,), {"prefix": prefix})
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), partial(handler, directory=str(folder)))
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else "a port is a number from 0 to 65535"
        raise Refused(f"port {port} cannot be used ({reason}); choose another with --port") from None
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}{prefix}"
    finally:
        server.shutdown()
        thread.join()


def forever(port: int) -> None:
    """make serve: until interrupted."""
    if not (SITE / "index.html").exists():
        raise Refused("there is no site yet; run make book first")
    with running(SITE, port) as address:
        print(f"the book is at {address} (Ctrl-C ends)", flush=True)
        try:
            Event().wait()
        except KeyboardInterrupt:
            print()
