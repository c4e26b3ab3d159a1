"""What kind of work a call is; or why there is nothing to call."""

from engine.errors import Category
from engine.model.calls import Call
from engine.model.outcome import Trouble
from engine.model.words import nearest
from engine.tools.frames import Described

STAGE_KIND = "cpu"
"""Stages have a process to themselves: what they import and hold is theirs."""


def kind_of(call: Call, described: Described | None) -> str | Trouble:
    """The kind of a call's pool; what is wrong, if no module has such a tool."""
    if call.stage:
        return STAGE_KIND
    known = {tool.name: tool for tool in described.tools} if described else {}
    if call.tool in known:
        return known[call.tool].kind
    near = nearest(call.tool, known)
    torn = [one for one in described.modules if one.error] if described else []
    hint = f"did you mean {near!r}?" if near else "`crabtui tools list` names those there are"
    if torn:
        hint = f"module {torn[0].name} cannot be imported: {torn[0].error}"
    message = f"there is no tool {call.tool!r}: {hint}"
    return Trouble(category=Category.VALIDATION, code="no_tool", message=message)
