"""Calling: one invocation from its arguments to what it came to."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from msgspec import to_builtins

from engine.errors import Category
from engine.model.words import nearest
from engine.tools.context import ToolContext
from engine.tools.frames import Ended, Invocation
from engine.tools.results import ToolError, as_json, failure
from engine.tools.tool import Tool


class Prepared:
    """A call whose arguments have been checked."""

    def __init__(
        self,
        id_: str,
        run: Callable[..., Any],
        args: Mapping[str, Any],
        context: ToolContext,
        is_retryable: Callable[[BaseException], bool],
    ) -> None:
        self.id = id_
        self.context = context
        self._run = run
        self._args = args
        self._is_retryable = is_retryable

    def work(self) -> Ended:
        """Call it here and now."""
        try:
            return self._ended(self._run(**self._args))
        except BaseException as error:  # user code: whatever it raises is what it came to
            return self._failed(error)

    async def work_async(self) -> Ended:
        """Await it."""
        try:
            found = self._run(**self._args)
            return self._ended(await found if inspect.isawaitable(found) else found)
        except BaseException as error:  # as above; canceled, too, which ends this task alone
            return self._failed(error)

    def _ended(self, value: Any) -> Ended:
        data = as_json(value)
        if isinstance(data, ToolError):
            return _with(self.id, data)
        return Ended(self.id, data)

    def _failed(self, error: BaseException) -> Ended:
        return _with(self.id, failure(error, self._is_retryable))


def prepared(invocation: Invocation, tools: Mapping[str, Tool]) -> Prepared | Ended:
    """The call that is asked for; what it came to, if it cannot be called like that."""
    context = ToolContext(invocation.id, invocation.context)
    try:
        if invocation.call.stage:
            from engine.tools.staging import stage_call  # most processes run no stage

            run, args = stage_call(invocation.call, context)
            return Prepared(invocation.id, run, args, context, lambda _: False)
        tool = find(invocation.call.tool, tools)
        args = tool.arguments.check(invocation.call.args)
    except ValueError as error:
        return refused(invocation.id, str(error))
    except BaseException as error:  # user code: what arguments or stages do as they are made
        return _with(invocation.id, failure(error, lambda _: False))
    if tool.arguments.context:
        args[tool.arguments.context] = context
    return Prepared(invocation.id, tool.function, args, context, tool.is_retryable)


def find(name: str, tools: Mapping[str, Tool]) -> Tool:
    """The tool of this name. Raises: ValueError."""
    if name not in tools:
        near = nearest(name, tools)
        raise ValueError(
            f"there is no tool {name[:100]!r}" + (f": did you mean {near!r}?" if near else "")
        )
    return tools[name]


def refused(id_: str, message: str) -> Ended:
    """It was not called: what it was given is wrong."""
    return _with(
        id_, ToolError(category=Category.VALIDATION, type="arguments", message=message[:500])
    )


def _with(id_: str, error: ToolError) -> Ended:
    told: dict[str, Any] = to_builtins(error)
    return Ended(id_, error=told)
