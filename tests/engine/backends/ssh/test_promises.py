"""What must never be said in the source, and what must not be loaded before its time."""

import re
import subprocess
import sys
from pathlib import Path

import engine

_ANYONE = re.compile(r"known_hosts[\"']?\s*[=:]\s*None|StrictHostKeyChecking[\"' =]+no", re.I)


def test_no_host_is_ever_let_pass_unverified() -> None:
    root = Path(engine.__path__[0]).parent
    sources = [path for name in ("engine", "crabtui") for path in (root / name).rglob("*.py")]
    assert any(path.name == "dialing.py" for path in sources)
    assert not [path for path in sources if _ANYONE.search(path.read_text("utf-8"))]


def test_that_rule_sees_what_it_is_for() -> None:
    for bad in ("known_hosts=None", "known_hosts = None", '{"known_hosts": None}'):
        assert _ANYONE.search(bad)
    assert not _ANYONE.search("known_hosts=places.known_hosts")


def test_asyncssh_is_loaded_by_the_first_connection_only() -> None:
    code = "import sys, engine.daemon.main, engine.backends.ssh.user_config; "
    code += "print('asyncssh' in sys.modules, 'cryptography' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.split() == [b"False", b"False"]
