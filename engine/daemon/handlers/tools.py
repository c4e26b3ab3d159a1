"""`tools`: what can be called."""

from engine.control.messages import ListTools
from engine.control.views import ModuleView, ToolsView, ToolView
from engine.daemon.desk import Caller, Desk
from engine.errors import NotFound
from engine.model.words import nearest
from engine.tools.frames import Description


async def answer(desk: Desk, _: Caller, ask: ListTools) -> ToolsView:
    """Tools by name. Raises: NotFound, naming the nearest."""
    wanted = [{"tool": ask.name}] if ask.name else []
    waiting = await desk.tools.await_told(ask.wait_ms / 1000, wanted)
    known = desk.tools.tools()
    if ask.name and ask.name not in known:
        near = nearest(ask.name, known)
        hint = f": did you mean {near!r}?" if near else ""
        raise NotFound(f"there is no tool {ask.name!r}{hint}", field="name", nearest=near)
    chosen = [known[ask.name]] if ask.name else [known[name] for name in sorted(known)]
    return ToolsView(
        tools=tuple(_tool(one, is_whole=bool(ask.name)) for one in chosen),
        modules=tuple(
            ModuleView(name=one.name, worker=worker, hash=one.hash, error=one.error)
            for worker, modules in sorted(desk.tools.modules().items())
            for one in modules
        ),
        waiting_for=tuple(waiting),
    )


def _tool(one: Description, *, is_whole: bool) -> ToolView:
    return ToolView(
        name=one.name,
        module=one.module,
        kind=one.kind,
        about=one.about,
        schema=one.schema if is_whole else {},
        result=one.result if is_whole else {},
        timeout_ms=one.timeout_ms,
        cache_ttl_ms=one.cache_ttl_ms,
    )
