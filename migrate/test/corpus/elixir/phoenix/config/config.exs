import Config

config :desk, Desk.Assistant,
  model: System.get_env("CLAUDE_MODEL") || "claude-3-7-sonnet-20250219",
  small_model: "claude-3-haiku-20240307",
  max_tokens: 2048
