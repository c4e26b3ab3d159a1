"""Searching the logs of a fake world, as the engine would: piece by piece, from either end."""

from collections.abc import AsyncGenerator, Mapping

from engine.control import messages as m
from engine.control import views as v
from engine.model.log_pattern import parse_pattern

PIECE_LINES = 100


async def search_log(
    logs: Mapping[tuple[int, str], bytes], ask: m.SearchLog
) -> AsyncGenerator[v.LogFound, None]:
    data = logs.get((ask.id, ask.stream), b"")
    pattern = parse_pattern(ask.pattern) if ask.pattern else None
    lines, at = [], 0
    for line in data.split(b"\n")[:-1]:
        lines.append((at, line))
        at += len(line) + 1
    end = at if ask.end is None else ask.end
    places = [n for n, (start, _) in enumerate(lines) if ask.start <= start < end]
    pieces = [places[n : n + PIECE_LINES] for n in range(0, len(places), PIECE_LINES)]
    for piece in reversed(pieces) if ask.backwards else pieces:
        last = piece[-1] + 1
        hits = []
        for n in piece:
            if pattern is not None and pattern.occurs(lines[n][1]):
                above = lines[max(n - ask.context, 0) : n] if ask.context else []
                below = lines[n + 1 : n + 1 + ask.context]
                hits.append(
                    v.LogHit(
                        offset=lines[n][0],
                        before=n - piece[0],
                        data=lines[n][1] if ask.texts else b"",
                        above=tuple(line for _, line in above),
                        below=tuple(line for _, line in below),
                    )
                )
        yield v.LogFound(
            attempt=f"{ask.id}-1-1",
            start=lines[piece[0]][0],
            end=lines[last][0] if last < len(lines) else at,
            lines=len(piece),
            size=len(data),
            dropped=0,
            hits=tuple(hits),
        )
