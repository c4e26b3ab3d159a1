"""Job files in four formats, and those that would hurt."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crabtui.data.files.jobfile import load, read_job_file
from engine.errors import InvalidSpec
from engine.model.intake import Reader


def read(name, text):
    return read_job_file(name, text.encode())


YAML = """
defaults:
  queue: nightly
  timeout: 10m
jobs:
  - command: [echo, true, no, 22:22, 1.10, 010, null, ~, "x"]
    name: 1.10
    cpu: 0.5
    max_retries: 2
    hold: false
    tags: [on, 7]
    env:
      A: 010
      jitter: yes
      EMPTY:
    metadata: {a: 1, b: true, c: no, d: 010, e: 0x10, f: 1.5, g: ~, h: "1", i: 22:22}
    retry: {exit_codes: [3, 75], jitter: true, multiplier: 1.5}
    resources: {memory: 2G, custom: {lic: 2}}
    description: ~
"""


def test_yaml_scalars_are_typed_by_the_schema():
    file = read("jobs.yaml", YAML)
    (job,) = file.jobs
    assert file.defaults == {"queue": "nightly", "timeout": "10m"}
    words = ["echo", "true", "no", "22:22", "1.10", "010", "null", "~", "x"]
    assert job["command"] == words
    assert job["name"] == "1.10"
    assert job["tags"] == ["on", "7"]
    assert job["env"] == {"A": "010", "jitter": "yes", "EMPTY": ""}
    assert job["max_retries"] == 2
    assert job["hold"] is False
    assert job["retry"] == {"exit_codes": [3, 75], "jitter": True, "multiplier": 1.5}
    assert job["metadata"] == {
        "a": 1,
        "b": True,
        "c": "no",
        "d": 10,
        "e": 16,
        "f": 1.5,
        "g": None,
        "h": "1",
        "i": "22:22",
    }
    assert job["description"] is None
    spec = Reader(file.defaults, owner="ann").read(job)
    assert spec.resources.cpu_milli == 500
    assert spec.resources.custom == (("lic", 2),)
    assert spec.command.argv == tuple(words)


def test_a_quoted_number_is_text_and_a_word_no_switch():
    (job,) = read("j.yml", 'command: ls\nmax_retries: "2"\nhold: no').jobs
    assert job == {"command": "ls", "max_retries": "2", "hold": "no"}


TOML = """
[defaults]
queue = "nightly"
[[jobs]]
command = ["echo", "a"]
not_before = 2026-11-21T13:40:00Z
[jobs.metadata]
day = 2026-11-21
"""


def test_toml():
    file = read("jobs.toml", TOML)
    assert file.defaults == {"queue": "nightly"}
    assert file.jobs == [
        {
            "command": ["echo", "a"],
            "not_before": "2026-11-21T13:40:00+00:00",
            "metadata": {"day": "2026-11-21"},
        }
    ]


@pytest.mark.parametrize("name", ["jobs.json", "stdin"])
@pytest.mark.parametrize(
    ("text", "defaults", "jobs"),
    [
        ('[{"command": "ls"}]', {}, [{"command": "ls"}]),
        ('{"command": "ls"}', {}, [{"command": "ls"}]),
        ('{\n "command": "ls"\n}\n', {}, [{"command": "ls"}]),
        (
            '{"defaults": {"queue": "a"}, "jobs": [{}]}',
            {"queue": "a"},
            [{}],
        ),
        ('\ufeff[\n{"command": "ls"}]', {}, [{"command": "ls"}]),
    ],
)
def test_json(name, text, defaults, jobs):
    file = read(name, text)
    assert (file.defaults, file.jobs, file.ndjson) == (defaults, jobs, None)


@pytest.mark.parametrize("name", ["jobs.ndjson", "jobs.jsonl", "jobs.json", "-", "jobs"])
def test_ndjson_is_handed_on_as_it_is(name):
    text = '{"command": "ls"}\n{"command": "rm"}'
    file = read(name, text)
    assert file.ndjson == text + "\n"
    assert file.jobs == []


@pytest.mark.parametrize(
    ("text", "command"),
    [("command: ls", "ls"), ('command = "ls"', "ls"), ("- command: [a]", ["a"])],
)
def test_standard_input_is_told_by_its_look(text, command):
    (job,) = load("-", io.BytesIO(text.encode())).jobs
    assert job["command"] == command


def test_a_toml_table_is_not_taken_for_a_json_array():
    assert read("-", '[defaults]\nqueue = "a"\n[[jobs]]\ncommand = "ls"').jobs
    assert read("-", '[[jobs]]\ncommand = "ls"').jobs == [{"command": "ls"}]


def test_a_file_is_read(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("command: ls")
    assert load(str(path), io.BytesIO()).jobs == [{"command": "ls"}]


BOMB = "a: &a [x]\n" + "b: [*a, *a]"


@pytest.mark.parametrize(
    ("name", "text", "line", "said"),
    [
        ("a.yaml", BOMB, 1, "anchors"),
        ("a.yaml", "command: *x", 1, "aliases"),
        ("a.yaml", "command: ls\n<<: {a: b}", 2, "merge keys"),
        ("a.yaml", "command: !!python/object:os.system ls", 1, "tags"),
        ("a.yaml", "command: ls\nname: a\nname: b", 3, "'name' is given twice"),
        ("a.yaml", "metadata:\n  a: .nan", 2, "no number"),
        ("a.yaml", "metadata:\n  a: -.inf", 2, "no number"),
        ("a.yaml", "a: b\n---\nc: d", 3, "second document"),
        ("a.yaml", "a: b\n  c: d", 2, "no YAML"),
        ("a.yaml", "a: [1", 1, "no YAML"),
        ("a.yaml", "? [a]\n: b", 1, "a key must be text"),
        ("a.yaml", "[" * 40 + "]" * 40, 1, "nested more than 32"),
        ("a.yaml", "[" + "1," * 100_001 + "]", 1, "more than 100000"),
        ("a.yaml", "a: b\x07", 1, "no YAML"),
        ("a.toml", "a = 1\na = 2", 2, "no TOML"),
        ("a.toml", "a = ", 1, "no TOML"),
        ("a.json", '[{"a": 1,\n "b": 2,\n "a": 3}]', 3, "'a' is given twice"),
        ("a.json", '[{"a": 1},\n{"b" 2}]', 2, "no JSON"),
    ],
)
def test_what_hurts_is_refused_with_its_line(name, text, line, said):
    with pytest.raises(InvalidSpec) as caught:
        read(name, text)
    assert said in caught.value.message
    assert caught.value.message.startswith(f"{name}:{line}: ")
    assert caught.value.details == {"file": name, "line": line}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.json", '[{"metadata": {"x": NaN}}]', "NaN"),
        ("a.json", "[" * 100_000, "nested"),
        ("a.json", "[]", "no jobs"),
        ("a.json", "3", "list of jobs"),
        ("a.json", '{"jobs": {}}', "`jobs` must be a list"),
        ("a.json", '{"jobs": [{}], "defaults": []}', "`defaults` must be a map"),
        ("a.json", '{"jobs": [{}], "default": {}}', "did you mean 'defaults'"),
        ("a.yaml", "tasks: {}", "workflow"),
        ("a.yaml", "", "nothing in it"),
        ("a.toml", "a = nan", "no number"),
        ("a.toml", "a = " + "[" * 3_000 + "]" * 3_000, "nested"),
        ("a.toml", "a = 1 #" + "x" * 2**20, "1048576"),
        ("a.yaml", "a: 1 #" + "x" * 2**20, "1048576"),
    ],
)
def test_what_is_no_job_file_is_refused(name, text, said):
    with pytest.raises(InvalidSpec) as caught:
        read(name, text)
    assert said in caught.value.message
    assert caught.value.message.startswith(name)


def test_text_that_is_not_utf8_is_refused_with_its_line():
    with pytest.raises(InvalidSpec, match=r"a\.json:2: this is not UTF-8"):
        read_job_file("a.json", b'{"command":\n"\xff"}')


@given(
    st.sampled_from(["a.yaml", "a.toml", "a.json", "-"]),
    st.text(alphabet="ab:-[]{}\"'=,.&*!#\n 1~<>|", max_size=40),
)
@settings(max_examples=500, deadline=None)
def test_any_text_is_read_or_refused(name, text):
    try:
        file = read(name, text)
    except InvalidSpec:
        return
    assert file.jobs or file.ndjson


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[1]]", "a.json: jobs[0]: must be a map, not a list ([1])"),
        ('{"jobs": [{}, "x"]}', "a.json: jobs[1]: must be a map, not text ('x')"),
        ('{"argv": ["NaN"],\n "metadata": {"NaN": NaN}}', "a.json:2: NaN is no JSON number"),
        ('{"cpu":\n\n-1e999}', "a.json:3: -1e999 is too large a number"),
    ],
)
def test_what_is_wrong_has_its_place(text, said):
    with pytest.raises(InvalidSpec) as refused:
        read("a.json", text)
    assert refused.value.message == said
