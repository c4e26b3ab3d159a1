"""What was not sent when a connection ends is never sent."""

from socket import SO_LINGER, SOL_SOCKET
from struct import unpack

from tests.engine.backends.ssh.conftest import MakeLine
from tests.engine.backends.ssh.hearing import Heard
from tests.kit.sshd import Sshd


async def test_a_connection_that_ends_drops_what_was_not_sent(
    server: Sshd, make_line: MakeLine
) -> None:
    line = make_line(server)
    wire = await line.open("exec cat", Heard())
    connection = line._connection
    assert connection is not None
    socket = connection._link.get_extra_info("socket")
    assert unpack("ii", socket.getsockopt(SOL_SOCKET, SO_LINGER, 8)) == (1, 0)
    wire.close()
