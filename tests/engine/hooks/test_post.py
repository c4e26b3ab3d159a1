"""The call of a hook, in a process of its own, against a real server."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from engine.hooks.post import LATER, MISSING

POST = Path(__file__).parents[3] / "engine" / "hooks" / "post.py"
REPORT = {"id": 7, "state": "failed", "trouble": {"code": "exit"}, "tags": ["a"]}


class Server:
    """Answers with the given statuses, the last one for ever; keeps what it was sent."""

    def __init__(self, statuses: Sequence[int], hold: threading.Event | None = None) -> None:
        self.statuses, self.hold = list(statuses), hold
        self.got: list[tuple[str, str, dict[str, str], bytes]] = []

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.got.append((handler.command, handler.path, headers, handler.rfile.read(length)))
        if self.hold is not None:
            self.hold.wait(90)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        handler.send_response(status)
        if 300 <= status < 400:
            handler.send_header("Location", "/elsewhere")
        handler.send_header("Content-Length", "2")
        handler.end_headers()
        handler.wfile.write(b"ok")


@contextmanager
def served(server: Server) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            server.answer(self)

        do_GET = do_POST = answer  # noqa: N815 - as the library asks for them

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{http.server_port}"
        finally:
            if server.hold is not None:
                server.hold.set()
            http.shutdown()
            thread.join()


def call(url: str, *, env: dict[str, str] | None = None, **told: Any) -> tuple[int, str]:
    """Exit status, and all that it says."""
    asked = {"url": url, "method": "POST", "headers": {}, "timeout_s": 10, **told}
    done = subprocess.run(
        [sys.executable, "-P", str(POST)],
        input=json.dumps(REPORT),
        env={"CRAB_HOOK_HTTP": json.dumps(asked), "PATH": os.environ["PATH"], **(env or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_report_is_sent_as_it_is() -> None:
    server = Server([200])
    with served(server) as url:
        assert call(f"{url}/in?a=b") == (0, "200 ok\n")
    [(method, path, headers, body)] = server.got
    assert (method, path, json.loads(body)) == ("POST", "/in?a=b", REPORT)
    assert headers["content-type"] == "application/json"


def test_a_body_has_what_it_asks_for_of_the_report() -> None:
    server = Server([200])
    body = {
        "text": "#${{ report.id }} ${{report.state}}: ${{report.trouble.code}}${{ report.no }}",
        "id": "${{ report.id }}",
        "tags": ["${{ report.tags }}", 1],
    }
    with served(server) as url:
        assert call(url, body=body)[0] == 0
        assert call(url, body="${{ report.state }}!", headers={"Content-Type": "text/plain"})
    assert json.loads(server.got[0][3]) == {
        "text": "#7 failed: exit",
        "id": 7,
        "tags": [["a"], 1],
    }
    assert server.got[1][3] == b"failed!"
    assert server.got[1][2]["content-type"] == "text/plain"


def test_secrets_come_from_the_environment_or_a_file_of_ones_own(tmp_path: Path) -> None:
    server = Server([200])
    headers = {"Authorization": "Bearer ${TOKEN}"}
    kept = tmp_path / "secrets.env"
    with served(server) as url:
        assert call(url, headers=headers, env={"TOKEN": "s3"})[0] == 0
        code, said = call(url, headers=headers, env={"CRAB_STATE": str(tmp_path)})
        assert code == MISSING
        assert "TOKEN is neither in the environment nor in" in said
        kept.write_text("# mine\nTOKEN=s4=\n")
        kept.chmod(0o644)
        code, said = call(url, headers=headers, env={"CRAB_STATE": str(tmp_path)})
        assert (code, "chmod 600" in said, "s4" in said) == (MISSING, True, False)
        kept.chmod(0o600)
        assert call(url, headers=headers, env={"CRAB_STATE": str(tmp_path)})[0] == 0
    assert [got[2]["authorization"] for got in server.got] == ["Bearer s3", "Bearer s4="]


@pytest.mark.parametrize(
    ("status", "code"), [(204, 0), (400, 1), (404, 1), (429, LATER), (500, LATER), (503, LATER)]
)
def test_an_answer_says_whether_to_try_again(status: int, code: int) -> None:
    with served(Server([status])) as url:
        assert call(url)[0] == code


def test_redirects_are_not_followed() -> None:
    server = Server([302])
    with served(server) as url:
        assert call(url, headers={"Authorization": "Bearer ${T}"}, env={"T": "x"})[0] == 1
    assert [got[1] for got in server.got] == ["/"]


def test_nobody_there_is_worth_another_try() -> None:
    with served(Server([200])) as url:
        pass
    code, said = call(url)
    assert (code, said.startswith("no answer")) == (LATER, True)


def test_who_answers_too_late_is_not_waited_for() -> None:
    with served(Server([200], threading.Event())) as url:
        assert call(url, timeout_s=0.2)[0] == LATER


@pytest.mark.parametrize("value", ["s3cret\nInjected: 1", "s3cret\u20ac", "s3cret\x00"])
def test_a_value_that_no_header_can_have_is_named_and_not_shown(value: str) -> None:
    kept = {"TOKEN": value.replace("\x00", "\x01")}
    code, said = call("http://127.0.0.1:9", headers={"X": "${TOKEN}"}, env=kept)
    assert (code, "header X" in said, "s3cret" in said) == (MISSING, True, False)
    assert "Traceback" not in said


def test_an_address_may_be_a_secret_as_a_whole() -> None:
    server = Server([200])
    with served(server) as url:
        assert call("${HOOK}", env={"HOOK": f"{url}/a b/é?c=%20"})[0] == 0
    assert [got[1] for got in server.got] == ["/a%20b/%C3%A9?c=%20"]


@pytest.mark.parametrize(
    "value", ["file:///etc/passwd", "no", "http://", "http://h:99999/", "http://[::1"]
)
def test_what_is_no_address_is_not_called_and_not_shown(value: str) -> None:
    code, said = call("${HOOK}", env={"HOOK": value})
    assert (code, said) == (MISSING, "${HOOK} is no address of http or https\n")
