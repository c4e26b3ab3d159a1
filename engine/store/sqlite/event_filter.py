"""A filter of events as an SQL condition on the table of events; values are parameters."""

from typing import Final

from engine.model.event_filter import CHOICES, EVENT_FIELDS, types_of
from engine.model.event_filter.match import named_job
from engine.model.filter import Query, Sort, Term
from engine.model.filter.percentiles import NONE
from engine.model.filter.times import lower_bound, upper_bound
from engine.model.filter.values import Value
from engine.store.sqlite.filter import Compiler, Sql

_COLUMNS: Final = {
    "queue": "(CASE json_type(data, '$.queue') WHEN 'text' THEN data ->> '$.queue' ELSE "
    "CASE WHEN json_type(data, '$.queue') IS NULL AND json_type(data, '$.now.queue') = 'text' "
    "THEN data ->> '$.now.queue' END END)"
}
"""Where a field is no column of its own name."""


def compile_events(query: Query, now_at: int) -> Sql:
    """The condition and its parameters.

    True for exactly the events that `engine.model.event_filter.event_matches` passes.
    """
    if query.root is None:
        return "1", {}
    compiler = _EventCompiler(now_at, NONE)
    text = compiler.node(query.root)
    return text, compiler.used(text)


class _EventCompiler(Compiler):
    def text(self, value: Value) -> str:
        columns = ("type", "cause", "coalesce(worker, '')", "actor", "data")
        parts = [self.in_text(column, value) for column in columns]
        job = named_job(value)
        if job is not None:
            parts.append(f"job IS {self.put(job)}")
        return "(" + " OR ".join(parts) + ")"

    def term(self, term: Term) -> str:
        if term.field in CHOICES:
            kinds = sorted(kind.value for kind in types_of(term))
            return f"type IN ({', '.join(self.put(kind) for kind in kinds)})"
        sort = EVENT_FIELDS[term.field].sort
        if sort is Sort.MOMENT:
            return self.moment(term)
        column = _COLUMNS.get(term.field, term.field)
        if sort is Sort.NUMBER:
            return self.either(term, column, self.numbers(column, term))
        return self.either(term, column, self.words(sort, term, column))

    def moment(self, term: Term) -> str:
        value = term.values[0]
        if term.field == "since":
            return f"at >= {self.put(lower_bound(value, self.now_at))}"
        return f"at < {self.put(upper_bound(value, self.now_at))}"
