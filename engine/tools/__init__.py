"""Tools: typed Python functions that the engine can call.

    from engine.tools import ToolContext, tool

    @tool(kind="io", timeout="30s")
    def fetch(url: str, retries: int = 3) -> dict[str, str]: ...

Named in the configuration (`[tools] modules = ["my.tools"]`), imported by pool workers, called
with `crabtui tools call fetch --arg url=…`, and never loaded by the daemon.
"""

from engine.tools.context import ToolContext
from engine.tools.results import ToolError, ToolFailure, ToolResult
from engine.tools.tool import Tool, tool

__all__ = ["Tool", "ToolContext", "ToolError", "ToolFailure", "ToolResult", "tool"]
