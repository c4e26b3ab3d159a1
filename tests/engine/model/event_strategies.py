"""Random events and filters of them that often meet."""

from hypothesis import strategies as st

from engine.model.event_filter import CHOICES
from engine.model.events import Event, EventType
from engine.model.filter import And, Not, Op, Or, Query, Term, Text
from engine.model.filter.values import Duration, Glob, Moment, Number, Regex, Span, Word
from engine.model.ids import AttemptId, JobId, Seq

NOW = 1_795_000_000_000_000
SECOND = 1_000_000

short = st.sampled_from(["a", "A", "gpu", "gpu-1", "GPU", "no space left", "é", "7", '"', "\\"])
words = short | st.text(
    st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=6
)
globs = st.sampled_from(["*", "gpu*", "?", "*a*", "job.*", "[a*"])
regexes = st.sampled_from(["a", "^gpu", "u$", "[a-z]+", "a|7", "^$", r"\d"])
queues = st.fixed_dictionaries({}, optional={"queue": short | st.integers(0, 3) | st.none()})
data = st.fixed_dictionaries(
    {},
    optional={
        "queue": short | st.integers(0, 3) | st.none(),
        "now": queues,
        "error": words,
        "exit": st.integers(-3, 30),
    },
)
instants = st.integers(NOW - 600 * SECOND, NOW + 60 * SECOND)

events = st.builds(
    Event,
    seq=st.integers(1, 30).map(Seq),
    at=instants,
    type=st.sampled_from(EventType),
    job=st.none() | st.integers(1, 30).map(JobId),
    attempt=st.none() | short.map(AttemptId),
    worker=st.none() | short,
    tenant=st.none() | short,
    actor=short,
    cause=words,
    data=data,
)


def _terms(names, ops, value):
    values = st.lists(value, min_size=1, max_size=3, unique=True).map(tuple)
    return st.builds(Term, st.sampled_from(names), st.sampled_from(ops), values)


def _choice(name):
    chosen = st.sets(st.sampled_from(CHOICES[name]), min_size=1, max_size=4).map(
        lambda some: tuple(Word(word) for word in CHOICES[name] if word in some)
    )
    return st.builds(Term, st.just(name), st.sampled_from([Op.HAS, Op.IS_NOT]), chosen)


numbers = st.integers(-3, 30).map(Number)
spans = st.builds(Span, numbers, st.none() | numbers) | st.builds(Span, st.none(), numbers)
NAMES = ["attempt", "worker", "queue", "tenant", "actor"]
ORDER = [Op.OVER, Op.FROM, Op.UNDER, Op.UPTO]
moments = st.integers(0, 600).map(lambda s: Duration(s * SECOND)) | instants.map(
    lambda at: Moment(at // SECOND * SECOND)
)
terms = st.one_of(
    _choice("level"),
    _choice("type"),
    _choice("kind"),
    _terms(["seq", "job"], [Op.HAS, Op.IS, Op.IS_NOT, *ORDER], numbers),
    _terms(["seq", "job"], [Op.HAS, Op.IS_NOT], spans),
    _terms(NAMES, [Op.HAS, Op.IS_NOT], words.map(Word) | globs.map(Glob)),
    _terms(["cause"], [Op.HAS, Op.IS_NOT], words.map(Word) | globs.map(Glob)),
    _terms([*NAMES, "cause"], [Op.IS], words.map(Word)),
    _terms([*NAMES, "cause"], [Op.LIKE, Op.UNLIKE], regexes.map(Regex)),
    st.builds(
        Term, st.sampled_from(["since", "until"]), st.just(Op.HAS), moments.map(lambda m: (m,))
    ),
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
    max_leaves=5,
)
queries = nodes.map(Query).filter(lambda query: len(query.text) < 1_500)
