"""Random filters and random jobs that often meet."""

from hypothesis import strategies as st

from engine.errors import Category
from engine.model.filter import FIELDS, And, Not, Op, Or, Query, Term, Text
from engine.model.filter.choices import WORDS
from engine.model.filter.values import (
    Duration,
    Glob,
    Moment,
    Number,
    Percentile,
    Regex,
    Span,
    TimeOfDay,
    Word,
)
from engine.model.ids import JobId
from engine.model.job import Job, Progress
from engine.model.outcome import Trouble
from engine.model.priority import Priority
from engine.model.spec import Command, Constraints, JobSpec, Kind
from engine.model.states import State

NOW = 1_795_000_000_000_000
HOUR = 3_600_000_000

short = st.sampled_from(
    ["a", "A", "gpu", "gpu-1", "GPU", "eval run", "é", "x_y", "[a]", "1.5", "7"]
)
words = short | st.text(
    st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=6
)
globs = st.sampled_from(["*", "gpu*", "?", "*a*", "g?u", "[a*", "*-1", "**"])
regexes = st.sampled_from(["a", "^gpu", "u$", "[a-z]+", "a|7", "^$", "e.*n", r"\d", "x/y"])
instants = st.integers(NOW - 48 * HOUR, NOW + HOUR)
labels = short | short.map("a={}".format) | short.map("a.b={}".format)
free = st.none() | st.booleans() | st.integers(-20, 20) | st.floats(-3, 3) | words


def _trouble(fp):
    return Trouble(category=Category.BACKEND, code="exit", message="exit 1", fp=fp)


@st.composite
def jobs(draw):
    command = draw(
        st.builds(
            Command,
            argv=st.lists(words, min_size=1, max_size=3).map(tuple),
            cwd=st.none() | words,
            env=st.dictionaries(st.sampled_from(["A", "B"]), words, max_size=2),
        )
        | st.builds(Command, shell=words.map(lambda text: text * 60))
    )
    spec = JobSpec(
        command=command,
        name=draw(st.just("") | words),
        kind=draw(st.sampled_from(Kind)),
        constraints=Constraints(required_labels=tuple(draw(st.lists(labels, max_size=3)))),
        tenant=draw(short),
        namespace=draw(short),
        owner=draw(short),
        tags=tuple(draw(st.lists(words, max_size=3, unique=True))),
        key=draw(st.none() | short),
        array=draw(st.none() | st.integers(1, 4).map(JobId)),
        flow=draw(st.none() | st.integers(1, 4).map(JobId)),
        task=draw(st.just("") | short),
        metadata=draw(
            st.dictionaries(st.sampled_from(["a", "b"]), free, max_size=2)
            | st.fixed_dictionaries({"a": st.fixed_dictionaries({"b": free})})
            | st.fixed_dictionaries({"a": st.lists(free, max_size=2)})
        ),
    )
    times = [draw(st.none() | instants) for _ in range(3)]
    now = Progress(
        state=draw(st.sampled_from(State)),
        queue=draw(short),
        priority=draw(st.sampled_from(Priority)),
        version=1,
        attempts=draw(st.integers(0, 5)),
        worker=draw(st.none() | short),
        queued_at=times[0],
        started_at=times[1],
        ended_at=times[2],
        state_at=draw(instants),
        held_by=draw(st.none() | short),
        paused_at=draw(st.none() | st.just(5)),
        unreachable_at=draw(st.none() | st.just(5)),
        unmet=draw(st.integers(0, 2)),
        exit_code=draw(st.none() | st.integers(0, 3)),
        note=draw(words),
        trouble=draw(st.none() | st.builds(_trouble, st.just("") | short)),
    )
    return Job(
        id=JobId(draw(st.integers(1, 30))),
        spec=spec,
        surroundings=1,
        shape=draw(st.integers(1, 3)),
        created_at=draw(instants),
        now=now,
    )


no_path = st.just(())


def _terms(names, ops, value, path=no_path):
    values = st.lists(value, min_size=1, max_size=3, unique=True).map(tuple)
    return st.builds(Term, st.sampled_from(names), st.sampled_from(ops), values, path)


numbers = st.integers(-3, 30).map(Number)
numerals = (st.integers(-3, 30).map(str) | st.sampled_from(["1.5", "1.50", "0.0", "-0"])).map(
    lambda text: Number(float(text) if "." in text else int(text), text)
)
lengths = st.integers(0, 48 * 3600).map(lambda s: Duration(s * 1_000_000))
ORDER = [Op.OVER, Op.FROM, Op.UNDER, Op.UPTO]
command_paths = st.sampled_from([("cwd",), ("env", "A")])
label_paths = st.sampled_from([("a",), ("a", "b"), ("z",)])
paths = st.sampled_from([("a",), ("b",), ("a", "b"), ("z",)])


def _choice(name, words_of):
    chosen = st.sets(st.sampled_from(words_of), min_size=1).map(
        lambda some: tuple(Word(word) for word in words_of if word in some)
    )
    return st.builds(Term, st.just(name), st.sampled_from([Op.HAS, Op.IS_NOT]), chosen)


def _spans(ends):
    return st.builds(Span, ends, st.none() | ends) | st.builds(Span, st.none(), ends)


PERCENTILES = {
    ("wait", 50): {"gpu": 1 * HOUR, "a": 40 * HOUR, "é": 5 * HOUR, "[a]": 0},
    ("wait", 95): {"gpu": 20 * HOUR},
    ("run", 50): {"a": 1 * HOUR, "eval run": 10 * HOUR},
}
"""Of some queues; `run` has no 95."""

moments = (
    lengths
    | st.integers(0, 86_399).map(TimeOfDay)
    | instants.map(lambda at: Moment(at // 1_000_000 * 1_000_000))
)
ALL = [Op.HAS, Op.IS, Op.IS_NOT]


def _of(name):
    """Every way to compare the field `name`, one strategy each."""
    if name in ("id", "attempt", "exit", "array", "flow", "unmet", "shape"):
        spans = _terms([name], [Op.HAS, Op.IS_NOT], _spans(numbers))
        return _terms([name], [*ALL, *ORDER], numbers) | spans
    if name in ("age", "wait", "run"):
        lengthy = _terms([name], ORDER, lengths)
        lengthy |= _terms([name], [Op.HAS, Op.IS_NOT], _spans(lengths))
        tops = _terms([name], ORDER, st.sampled_from([50, 95]).map(Percentile))
        return lengthy if name == "age" else lengthy | tops
    if name in ("since", "until"):
        return st.builds(Term, st.just(name), st.just(Op.HAS), moments.map(lambda m: (m,)))
    if name == "meta":
        return _meta()
    if name in WORDS:
        return _choice(name, WORDS[name])
    plain = _texts(name, words, no_path)
    if name == "label":
        return _texts(name, labels, no_path) | _texts(name, short, label_paths)
    if name == "args":
        return plain | _terms([name], [Op.HAS, Op.IS_NOT], words.map(Word), command_paths)
    return plain


def _texts(name, some, path):
    patterns = _terms([name], [Op.LIKE, Op.UNLIKE], regexes.map(Regex), path)
    exact = _terms([name], [Op.IS], some.map(Word), path)
    found = _terms([name], [Op.HAS, Op.IS_NOT], some.map(Word) | globs.map(Glob), path)
    return found | exact | patterns


def _meta():
    scalars = words.map(Word) | globs.map(Glob) | numerals
    return st.one_of(
        _terms(["meta"], [Op.HAS, Op.IS_NOT], scalars, paths),
        _terms(["meta"], [Op.HAS], _spans(numerals), paths),
        _terms(["meta"], ORDER, numerals, paths),
        _terms(["meta"], [Op.LIKE, Op.UNLIKE], regexes.map(Regex), paths),
    )


TERMS = {name: _of(name) for name in FIELDS}
"""Terms of each field, in every comparison that it takes."""
terms = st.one_of(
    *TERMS.values(),
    st.builds(Text, words.map(Word) | globs.map(Glob) | regexes.map(Regex)),
)


def _flat(kind, parts):
    flat = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else (part,))
    return kind(tuple(flat))


nodes = st.recursive(
    terms,
    lambda inner: (
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: _flat(And, parts))
        | st.lists(inner, min_size=2, max_size=3).map(lambda parts: _flat(Or, parts))
        | inner.map(Not)
    ),
    max_leaves=6,
)
queries = nodes.map(Query).filter(lambda query: len(query.text) < 1_500)
