"""An agent works on a repository: analyze, patch, test, summarize, as the template has it.

    python tests/examples/coding_agent.py STATE REPO GOAL AGENT TEST

AGENT is any command line that reads instructions from standard input and works in the folder
that it is started in, `claude -p` say; TEST succeeds if its patch is good. The repository is
left as it is: prints the patch, and applies none.
"""

import sys
from pathlib import Path

from crabtui.templates import read_template
from engine import Flow, connect_blocking, messages


def main(state: Path, repo: str, goal: str, agent: str, test: str) -> int:
    """Run it against the daemon of a state directory; 0 if the patch passes its tests."""
    params = {"repo": str(Path(repo).resolve()), "goal": goal, "agent": agent, "test": test}
    budgets = {"timeout": "10m", "max_tokens": 50_000, "max_cost_usd": 1.0}
    flow = Flow.read(read_template("coding-agent"))
    with connect_blocking(state) as client:
        run = client.call(flow.submission({**params, **budgets})).ids[0][0]
        client.call(messages.Wait(ids=(run,)))
        report = client.call(messages.ReportWorkflow(id=run))
    for name, task in report.task_results.items():
        print(f"{name}: {task.status} {task.error}".rstrip(), file=sys.stderr)
    summary = report.task_results["summarize"].result or {"passed": False, "diff": ""}
    print(summary["diff"], end="")
    return 0 if summary["passed"] else 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
