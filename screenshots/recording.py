"""A short recording: frames of the console at work, as one SVG that plays by itself."""

import re
from collections.abc import Sequence

_HEAD = re.compile(r"(<svg[^>]*>)")


def animated(frames: Sequence[str], seconds: Sequence[float]) -> str:
    """One SVG that shows the others in turn, for ever; `seconds` is how long each stays.

    Every frame keeps its own ids and classes apart from the others'.
    """
    whole_s = sum(seconds)
    head = _HEAD.search(frames[0])
    assert head
    parts, styles, began_s = [], [], 0.0
    for number, (frame, shown_s) in enumerate(zip(frames, seconds, strict=True)):
        begins = f"{began_s / whole_s * 100:.3f}%"
        ends = f"{(began_s + shown_s) / whole_s * 100:.3f}%"
        first = "visible" if number == 0 else "hidden"
        styles.append(
            f"#f{number} {{ animation: k{number} {whole_s:.2f}s step-end infinite; }}"
            f"@keyframes k{number} {{ 0% {{ visibility: {first}; }}"
            f" {begins} {{ visibility: visible; }} {ends} {{ visibility: hidden; }} }}"
        )
        parts.append(f'<g id="f{number}">{_inner(frame, number)}</g>')
        began_s += shown_s
    return f"{head[1]}<style>{' '.join(styles)}</style>{''.join(parts)}</svg>"


def _inner(svg: str, number: int) -> str:
    """What is inside of an SVG, its names made its own."""
    head = _HEAD.search(svg)
    assert head
    inner = svg[head.end() : svg.rindex("</svg>")]
    return re.sub(r"terminal-(\d+)", rf"t{number}-\1", inner)
