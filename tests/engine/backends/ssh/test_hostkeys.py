"""Known hosts: whose key counts for whom, and how one is accepted without harming others."""

import base64
import hashlib
import hmac
import stat
from pathlib import Path

import asyncssh
import pytest

from engine.backends.ssh import hostkeys
from engine.backends.ssh.hostkeys import Known, accept, check_fingerprint, look_up
from engine.errors import InvalidSpec

KEYS = [asyncssh.generate_private_key("ssh-ed25519").convert_to_public() for _ in range(4)]
FIRST, SECOND, THIRD, FOURTH = KEYS
TEXTS = [hostkeys.public_text(key) for key in KEYS]


def known(tmp_path: Path, own: str, other: str = "", *, host: str, port: int = 22) -> Known:
    (tmp_path / "own").write_text(own)
    (tmp_path / "other").write_text(other)
    others = [tmp_path / "absent", tmp_path / "other"]
    return look_up(tmp_path / "own", others, host, port)


def test_no_file_knows_nobody(tmp_path: Path) -> None:
    assert look_up(tmp_path / "own", [], "gpu1", 22) == Known([], [], [], [])


def test_a_port_of_its_own_is_a_host_of_its_own(tmp_path: Path) -> None:
    own = f"gpu1 {TEXTS[0]}\n[gpu1]:2222 {TEXTS[1]}\n"
    assert known(tmp_path, own, host="gpu1").keys == [FIRST]
    assert known(tmp_path, own, host="GPU1", port=2222).keys == [SECOND]
    elsewhere = known(tmp_path, own, host="gpu1", port=3333)
    assert (elsewhere.keys, elsewhere.exact) == ([FIRST], [])
    assert known(tmp_path, own, host="gpu2").keys == []


def test_what_we_were_told_rules_out_what_others_know(tmp_path: Path) -> None:
    other = f"gpu1 {TEXTS[1]}\n"
    assert known(tmp_path, f"gpu1 {TEXTS[0]}\n", other, host="gpu1").keys == [FIRST]
    assert known(tmp_path, "", other, host="gpu1").exact == [SECOND]


def test_authorities_and_revoked_keys_count_wherever_they_are(tmp_path: Path) -> None:
    own = f"@cert-authority *.lab {TEXTS[0]}\n@revoked * {TEXTS[1]}\n"
    other = f"@revoked gpu1.lab {TEXTS[2]}\n"
    found = known(tmp_path, own, other, host="gpu1.lab", port=2222)
    assert set(found.authorities) == {FIRST}
    assert set(found.revoked) == {SECOND, THIRD}
    assert not found.keys


def test_odd_lines_hide_no_others(tmp_path: Path) -> None:
    own = (
        f"nonsense\n@odd x y\n|1|bad {TEXTS[0]}\n# gpu1\n\ngpu1 ssh-new AAAA\ngpu1 {TEXTS[1]}\n"
    )
    assert known(tmp_path, own, host="gpu1").keys == [SECOND]


def test_hashed_names_are_found(tmp_path: Path) -> None:
    hashed = "|1|2KpfJsLyLpqgnnIK5Ihlt6dzmXo=|"
    import base64
    import hashlib
    import hmac

    salt = base64.b64decode("2KpfJsLyLpqgnnIK5Ihlt6dzmXo=")
    digest = hmac.new(salt, b"gpu1", hashlib.sha1).digest()
    own = f"{hashed}{base64.b64encode(digest).decode()} {TEXTS[0]}\n"
    assert known(tmp_path, own, host="gpu1").keys == [FIRST]


def test_accepting_keeps_everything_else(tmp_path: Path) -> None:
    own = tmp_path / "state" / "known_hosts"
    own.parent.mkdir()
    others = f"# mine\ngpu2 {TEXTS[1]}\n@revoked gpu1 {TEXTS[2]}\n"
    own.write_text(f"gpu1,alias {TEXTS[0]} was\ngpu1 {TEXTS[1]}\n{others}")
    accept(own, "GPU1", 22, FOURTH)
    assert own.read_text() == f"alias {TEXTS[0]} was\n{others}gpu1 {TEXTS[3]}\n"
    assert stat.S_IMODE(own.stat().st_mode) == 0o600
    assert [path.name for path in own.parent.iterdir()] == ["known_hosts"]


def hashed(name: str) -> str:
    salt = b"s" * 20
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return "|1|" + "|".join(base64.b64encode(part).decode() for part in (salt, digest))


@pytest.mark.parametrize("named", [hashed("a.lab"), "*.lab", "  a.lab"])
def test_what_is_accepted_rules_out_every_way_to_name_the_host(
    tmp_path: Path, named: str
) -> None:
    own = tmp_path / "known_hosts"
    own.write_text(f"{named} {TEXTS[0]}\n")
    assert look_up(own, [], "a.lab", 22).keys == [FIRST]
    accept(own, "a.lab", 22, SECOND)
    assert look_up(own, [], "a.lab", 22).keys == [SECOND]
    assert look_up(own, [], "a.lab", 22).exact == [SECOND]


def test_accepting_makes_the_file(tmp_path: Path) -> None:
    own = tmp_path / "state" / "known_hosts"
    accept(own, "::1", 2222, FIRST)
    assert own.read_text() == f"[::1]:2222 {TEXTS[0]}\n"
    assert look_up(own, [], "::1", 2222).exact == [FIRST]


def test_a_link_in_the_way_is_not_followed(tmp_path: Path) -> None:
    own = tmp_path / "known_hosts"
    (tmp_path / "known_hosts.new").symlink_to(tmp_path / "elsewhere")
    accept(own, "gpu1", 22, FIRST)
    assert not (tmp_path / "elsewhere").exists()
    assert not own.is_symlink()


def test_fingerprints() -> None:
    shown = FIRST.get_fingerprint()
    assert check_fingerprint(shown) == shown
    for wrong in (
        "",
        "SHA256:",
        shown[:-1],
        f"{shown}=",
        shown.lower(),
        "MD5:00:11",
        f"{shown}\n",
    ):
        with pytest.raises(InvalidSpec, match="no fingerprint"):
            check_fingerprint(wrong)
