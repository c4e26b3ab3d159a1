"""A small web server for the demo's downloads, on this machine and on any free port."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

BUSY: Final = "/busy/"
REFUSALS: Final = 2
"""How often a path below `/busy/` is refused before it is served."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve `folder` while the block runs; the address is `http://127.0.0.1:PORT`."""
    asked: Counter[str] = Counter()
    handler = partial(_Handler, asked, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, name="demo server")
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class _Handler(SimpleHTTPRequestHandler):
    """Files of one folder; a path below `/busy/` is refused at first."""

    def __init__(self, asked: Counter[str], *args: Any, **options: Any) -> None:
        self._asked = asked
        super().__init__(*args, **options)

    def do_GET(self) -> None:
        if self.path.startswith(BUSY):
            self._asked[self.path] += 1
            if self._asked[self.path] <= REFUSALS:
                self.send_error(503, "Busy, come again")
                return
            self.path = "/" + self.path.removeprefix(BUSY)
        super().do_GET()

    def log_message(self, *_: Any) -> None:
        """Say nothing: the terminal belongs to the console."""
