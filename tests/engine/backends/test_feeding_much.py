"""More is fed than fits: nothing is lost, whichever way the host is spoken to."""

import hashlib
from pathlib import Path
from random import Random

from engine.runner.feeding import PIECE_BYTES
from tests.engine.backends.hands import Hands

MUCH = bytes(range(256)) * 4 + Random(7).randbytes(10 * PIECE_BYTES).hex().encode()
"""More than may wait, with every byte in it; not all of it random, as that takes `sh` long."""

AT_LAST = "until [ -e go ]; do sleep 0.02; done; exec sha256sum"


async def test_a_late_reader_gets_all_of_it(hands: Hands, tmp_path: Path) -> None:
    report = await hands.sh(AT_LAST, cwd=str(tmp_path), open_stdin=True)
    given = refusals = 0
    while given < len(MUCH):
        piece = MUCH[given : given + PIECE_BYTES]
        is_last = given + len(piece) == len(MUCH)
        took = await hands.backend.feed(report.attempt, hands.epoch, piece, end=is_last)
        assert took in (0, len(piece))
        given += took
        refusals += not took
        if not took:
            (tmp_path / "go").touch()
    assert refusals, "all of it was taken, though nobody read"
    assert (await hands.end(report)).code == 0
    wanted = hashlib.sha256(MUCH).hexdigest()
    assert (await hands.log(report)).split()[0].decode() == wanted
