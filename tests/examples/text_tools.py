"""Tools of one's own: called from Python, and as tasks of a workflow.

python tests/examples/text_tools.py STATE

The daemon's configuration names this module, so that its pool can call the tools:

    [tools]
    modules = ["text_tools"]
    path = ["/where/this/is/tests/examples"]
"""

import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from engine import Flow, connect_blocking, messages
from engine.tools import tool


@tool(kind="cpu")
def count_words(path: str, least: int = 1) -> dict[str, int]:
    """Count the words of a file.

    Args:
        path: Absolute, for tools run in a folder of their own.
        least: Only words that it has so often.
    """
    words = Counter(Path(path).read_text(encoding="utf-8").lower().split())
    return {word: times for word, times in words.items() if times >= least}


@tool
def most_common(counts: list[dict[str, int]]) -> str:
    """The word that is there most often in all."""
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return max(total, key=lambda word: (total[word], word))


def flow_over(files: list[str]) -> Flow:
    """One call for each file, and one over what all of them came to."""
    flow = Flow("words", defaults={"retries": 1})
    flow.task("count", for_each=files, tool="count_words", args={"path": "${{ item }}"})
    counts = {"counts": "${{ results.count }}"}
    return flow.task("most", after="count", tool="most_common", args=counts)


def main(state: Path, folder: Path) -> None:
    """Run it against the daemon of a state directory."""
    files = [str(folder / name) for name in ("one", "two")]
    for file, text in zip(files, ("to be or not to be", "let it be"), strict=True):
        Path(file).write_text(text)
    with connect_blocking(state) as client:
        told = client.call_tool("count_words", {"path": files[0], "least": 2})
        print("more than once:", told.value)
        error = client.call_tool("count_words", {"path": "/nowhere"}).error
        print("as a value:", error.type if error else "no error")
        run = client.call(flow_over(files).submission()).ids[0][0]
        client.call(messages.Wait(ids=(run,)))
        report = client.call(messages.ReportWorkflow(id=run))
        print(report.status, report.task_results["most"].result)


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        main(Path(sys.argv[1]), Path(folder))
