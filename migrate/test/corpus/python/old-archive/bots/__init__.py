"""Bots. Before 2025 they ran on claude-2.1."""

CURRENT = "claude-opus-4-8"
NEWER = "claude-opus-5-5"
HEADERS = {"anthropic-beta": "claude-code-20250219"}
REPOSITORY = "https://github.com/acme/claude-3-bots"
