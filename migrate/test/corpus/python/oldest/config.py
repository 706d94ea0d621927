"""Defaults of the bots, oldest first."""
import os

DEFAULTS = {
    "greeter": os.environ.get("GREETER_MODEL", "claude-instant-1.2"),
    "reader": os.environ.get("READER_MODEL", "claude-2.0"),
    "writer": os.environ.get("WRITER_MODEL", "claude-2.1"),
    "checker": os.environ.get("CHECKER_MODEL", "claude-3-sonnet-20240229"),
    "planner": os.environ.get("PLANNER_MODEL", "claude-4-sonnet-20250514"),
    "critic": os.environ.get("CRITIC_MODEL", "claude-4-opus-20250514"),
}

ON_BEDROCK = "anthropic.claude-v2:1"
FIRST = "claude-1.3"
