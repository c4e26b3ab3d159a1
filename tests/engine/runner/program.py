"""A host program at work: lines to it and from it, as a controller's end of the stream."""

import base64
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from engine.runner.bundle import READER, python_program
from engine.runner.spec import Spec, render
from tests.kit.waiting import NotInTimeError, read_ready

WAIT_S = 60.0
PATH = ("PATH", "/usr/bin:/bin")


def text(data: bytes) -> bytes:
    return base64.b64encode(data) or b"="


def untext(word: bytes) -> bytes:
    return b"" if word == b"=" else base64.b64decode(word)


def spec(*argv: str, **fields: Any) -> bytes:
    fields.setdefault("env", (PATH,))
    return text(render(Spec(argv=argv, **fields)))


def sh_spec(script: str, **fields: Any) -> bytes:
    return spec("/bin/sh", "-c", script, **fields)


class Program:
    """`host.py` in a process of its own, sent to it as to any host."""

    def __init__(self, root: Path | str, *words: str, env: Any = None, **popen: Any) -> None:
        program = python_program()
        command = [sys.executable, "-I", "-u", "-c", READER, str(len(program)), str(root)]
        self._process = subprocess.Popen(
            [*command, *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            env=env,
            **popen,
        )
        self._got = b""
        self._number = 0
        self.ended: list[str] = []
        self.known: dict[str, list[str]] = {}
        self.send(program)
        assert self.line() == b"crab-1 ready python"

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, data: bytes) -> None:
        assert self._process.stdin
        view = memoryview(data)
        while view:
            view = view[self._process.stdin.write(view) or 0 :]

    def ask(self, *words: object) -> int:
        """The number of a request that was sent."""
        self._number += 1
        self.send(b"%d %s\n" % (self._number, b" ".join(map(_encoded, words))))
        return self._number

    def say(self, *words: object) -> bytes:
        """The last line of the answer to one request, without its number."""
        return self.answer(self.ask(*words))[-1]

    def says(self, *words: object) -> list[bytes]:
        """All lines of an answer."""
        return self.answer(self.ask(*words))

    def answer(self, number: int) -> list[bytes]:
        """All lines of the answer to the request that is the next to be answered."""
        lines = [self.told()]
        while lines[-1].split(b" ")[1] in (b"is", b"use"):
            lines.append(self.told())
        assert all(int(line.split(b" ")[0]) == number for line in lines), lines
        return [line.partition(b" ")[2] for line in lines]

    def told(self) -> bytes:
        """The next line that is an answer; ends are kept in `ended`."""
        while (line := self.line()).startswith(b"+ ended "):
            self._note_end(line)
        return line

    def wait_ended(self, attempt: str) -> None:
        while attempt not in self.ended:
            line = self.line()
            assert line.startswith(b"+ ended "), line
            self._note_end(line)

    def _note_end(self, line: bytes) -> None:
        _, _, attempt, *more = line.decode().split(" ")
        self.ended.append(attempt)
        self.known[attempt] = [attempt, *more] if more else []

    def line(self) -> bytes:
        while b"\n" not in self._got:
            self._read()
        line, _, self._got = self._got.partition(b"\n")
        return line

    def data(self, size: int) -> bytes:
        while len(self._got) < size:
            self._read()
        data, self._got = self._got[:size], self._got[size:]
        return data

    def log(self, attempt: str, stream: str = "out") -> bytes:
        """All that is kept of a log."""
        whole = b""
        while True:
            words = self.say("tail", attempt, stream, len(whole), 1 << 18).split(b" ")
            whole += self.data(int(words[4]))
            if len(whole) == int(words[2]):
                return whole

    def hello(self, epoch: int = 7) -> dict[str, bytes]:
        word, *told = self.say("hello", epoch).split(b" ")
        assert word == b"ok", told
        pairs = (pair.partition(b"=") for pair in told)
        return {key.decode(): untext(value) for key, _, value in pairs}

    def start(self, attempt: str, script: bytes, epoch: int = 7, lease: int = 0) -> list[str]:
        return self.say("start", attempt, epoch, lease, script).decode().split(" ")

    def run(self, attempt: str, script: bytes, epoch: int = 7) -> list[str]:
        """The words of its status when it has ended."""
        if self.start(attempt, script, epoch)[1] == "running":
            self.wait_ended(attempt)
        return self.status(attempt)

    def status(self, attempt: str) -> list[str]:
        found, last = self.says("status", attempt)
        assert last == b"ok"
        return found.decode().split(" ")[1:]

    def hang_up(self) -> int:
        """End its input; its exit code."""
        assert self._process.stdin
        self._process.stdin.close()
        return self._process.wait(WAIT_S)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait(WAIT_S)

    def close(self) -> None:
        self.kill()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe:
                pipe.close()

    def complaints(self) -> bytes:
        """What it wrote to standard error; only after its end."""
        assert self._process.stderr
        said: bytes = self._process.stderr.read()
        return said

    def _read(self) -> None:
        assert self._process.stdout
        by_s = time.monotonic() + WAIT_S
        fd = self._process.stdout.fileno()
        if not read_ready(fd, timeout_s=by_s - time.monotonic()):
            raise NotInTimeError(f"nothing was said within {WAIT_S} s")
        data = os.read(fd, 1 << 16)
        if not data:
            raise EOFError(self.complaints().decode())
        self._got += data


def _encoded(word: object) -> bytes:
    return word if isinstance(word, bytes) else str(word).encode()
