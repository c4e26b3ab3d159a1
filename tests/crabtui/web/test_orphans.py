"""A console in a browser does not outlive the server that it belongs to."""

import subprocess
import sys

from tests.kit.daemon import job_environment

SERVER = """
import subprocess, sys
console = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
while b"LIVE" not in console.stdout.readline():
    pass
print("live", flush=True)
console.wait()
"""


def test_when_its_server_is_killed_a_console_ends(daemon):
    console = [sys.executable, "-m", "crabtui", "--state", str(daemon.state), "ui", "--fresh"]
    driver = {"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver"}
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, *console],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=job_environment() | driver,
    ) as server:
        assert server.stdout.readline() == b"live\n"
        server.kill()
        server.communicate(timeout=90)  # the console holds the other ends
