"""A small MCP server: it knows the tides. `05_mcp.py` runs it."""

from mcp.server.mcpserver import MCPServer
from mcp_types import ToolAnnotations

server = MCPServer("tides")


@server.tool(annotations=ToolAnnotations(read_only_hint=True))
def high_tide(harbour: str) -> str:
    """Tells when the tide is high today."""
    return {"Hull": "at ten past four", "Leith": "at noon"}[harbour]


if __name__ == "__main__":
    server.run("stdio")
