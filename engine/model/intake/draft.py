"""A job while it is being read: what was given, sorted by where it belongs."""

from typing import Any, Final

from engine.model.calls import Call
from engine.model.intake.placeholders import OPENS
from engine.model.intake.wrong import Wrong, shown
from engine.model.limits import RetryPolicy, Timeouts
from engine.model.priority import Priority
from engine.model.resources import Resources
from engine.model.spec import Command, Constraints, JobSpec, Kind
from engine.model.workspaces import is_commit

_NO_RESOURCES: Final = Resources()
_NO_RETRY: Final = RetryPolicy()
_NO_TIMEOUTS: Final = Timeouts()
_NO_CONSTRAINTS: Final = Constraints()

_CALLED: Final = {Kind.TOOL_CALL: "`tool`", Kind.STAGE: "`stage_module`"}
_OTHER_KINDS: Final = frozenset({Kind.COMMAND, *_CALLED})

_COMMANDS_ONLY: Final = ("workspace", "tmux", "max_tokens", "cwd")


class Draft:
    """Fields by their names in the structs of `spec`; what is absent keeps its default."""

    __slots__ = (
        "call",
        "command",
        "constraints",
        "critical",
        "cwd",
        "has_line",
        "now_at",
        "resources",
        "retry",
        "seen",
        "spec",
        "timeouts",
        "utc_offset_s",
    )

    def __init__(self, cwd: str, now_at: int, utc_offset_s: int) -> None:
        self.cwd = cwd
        self.now_at = now_at
        self.utc_offset_s = utc_offset_s
        self.spec: dict[str, Any] = {}
        self.command: dict[str, Any] = {}
        self.call: dict[str, Any] = {}
        self.resources: dict[str, Any] = {}
        self.retry: dict[str, Any] = {}
        self.timeouts: dict[str, Any] = {}
        self.constraints: dict[str, Any] = {}
        self.seen: dict[str, str] = {}
        self.has_line = False
        self.critical = False

    def copy(self) -> "Draft":
        """A draft that starts from what this one has, as a job does from the defaults."""
        other = Draft(self.cwd, self.now_at, self.utc_offset_s)
        other.spec = self.spec.copy()
        other.command = self.command.copy()
        other.call = self.call.copy()
        other.resources = self.resources.copy()
        other.retry = self.retry.copy()
        other.timeouts = self.timeouts.copy()
        other.constraints = self.constraints.copy()
        if self.critical:
            other.spec["priority"] = Priority.CRITICAL
        return other

    def once(self, slot: str, key: str) -> None:
        """Remember that `key` set `slot`.

        Raises:
            Wrong: this job has set it already, in another place or under another name.
        """
        if slot in self.seen:
            raise Wrong(f"says the same as {self.seen[slot]!r}; give one of them")
        self.seen[slot] = key

    def build(self) -> JobSpec:
        """The job's spec.

        Raises:
            Wrong: fields contradict each other, or nothing says what to run.
        """
        spec = self.spec
        if self.call:
            self._take_call()
        elif not self.command.get("argv") and "shell" not in self.command:
            raise Wrong("nothing to run: give `command`, a list of words or one shell line")
        if spec.get("kind") in _CALLED and "call" not in spec:
            raise Wrong(f"is of kind {spec['kind']}: say which {_CALLED[spec['kind']]}")
        if spec.get("workspace") and self.command.get("cwd"):
            raise Wrong("has a workspace, in which it runs: leave out `cwd`").under("cwd")
        if spec.get("frozen") and (self.command.get("cwd") or spec.get("workspace")):
            raise Wrong("runs in its frozen tree: leave out `cwd` and `workspace`").under(
                "frozen"
            )
        if spec.get("memo"):
            self._must_be_fixed()
        if self.critical:
            self._raise_to_critical()
        if self.resources:
            spec["resources"] = Resources(**self.resources)
        if self.retry:
            spec["retry"] = self._retry()
        if self.timeouts:
            spec["timeouts"] = self._timeouts()
        if self.constraints:
            spec["constraints"] = self._constraints()
        return JobSpec(command=Command(**self.command), **spec)

    def _take_call(self) -> None:
        """It is Python in a pool: no command, and nothing that goes with one."""
        spec, call = self.spec, self.call
        if not call.get("tool") and not call.get("stage"):
            if self.has_line:
                raise Wrong("go with `tool` or `stage_module` only").under("args")
            raise Wrong("nothing to call: give `tool` or `stage_module`")
        kind = Kind.TOOL_CALL if call.get("tool") else Kind.STAGE
        if spec.setdefault("kind", kind) in _OTHER_KINDS - {kind}:
            raise Wrong(f"is {kind.value!r}, and says otherwise", near=kind).under("kind")
        for field in _COMMANDS_ONLY:
            said = self.command if field == "cwd" else spec
            if said.get(field) and field in self.seen:
                raise Wrong(
                    "goes with a command only: a call shares the folder and process of its pool"
                ).under(field)
            said.pop(field, None)  # of defaults, which are shared with commands
        self.resources.setdefault("cpu_milli", 0)
        spec["call"] = Call(**call)

    def _must_be_fixed(self) -> None:
        """What is reused must be of the very same: branches move, and so does who types."""
        checkout = self.spec.get("workspace")
        if checkout and not is_commit(checkout.revision) and OPENS not in checkout.revision:
            at = checkout.revision or "HEAD"
            raise Wrong(
                f"needs a workspace at a commit in full (40 digits): {shown(at)} may move"
            ).under("memo")
        if self.command.get("open_stdin"):
            raise Wrong("goes with nothing that is typed while it runs (open_stdin)").under(
                "memo"
            )

    def _raise_to_critical(self) -> None:
        if "priority" in self.seen and self.spec.get("priority") is not Priority.CRITICAL:
            raise Wrong("says critical, but `priority` says otherwise").under("is_critical")
        self.spec["priority"] = Priority.CRITICAL

    def _retry(self) -> RetryPolicy:
        policy = RetryPolicy(**self.retry)
        if policy.base_ms > policy.max_ms:
            first, longest = policy.base_ms, policy.max_ms
            wrong = Wrong(f"the first wait ({first} ms) is above the longest ({longest} ms)")
            raise wrong.under("base_ms").under("retry")
        return policy

    def _timeouts(self) -> Timeouts:
        limits = Timeouts(**self.timeouts)
        soft, hard = limits.soft_ms, limits.hard_ms
        if soft is not None and hard is not None and soft > hard:
            raise Wrong(
                f"the soft timeout ({soft} ms) is above the hard one ({hard} ms)"
            ).under(self.seen.get("soft_ms", "soft_timeout"))
        return limits

    def _constraints(self) -> Constraints:
        asked = Constraints(**self.constraints)
        first, last = asked.not_before_at, asked.deadline_at
        if first is not None and last is not None and first >= last:
            raise Wrong("the deadline is not after `not_before`").under("deadline")
        both = set(asked.required_workers) & set(asked.excluded_workers)
        if both:
            raise Wrong(f"{min(both)!r} is required and excluded").under("excluded_workers")
        return asked
