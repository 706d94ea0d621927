defmodule Desk.Assistant do
  @moduledoc "Answers questions; sessions are stored as claude-<id>.json"

  def ask(question) do
    Req.post!("https://api.anthropic.com/v1/messages",
      headers: [{"anthropic-version", "2023-06-01"}],
      json: %{
        model: "claude-sonnet-4-20250514",
        max_tokens: 1024,
        messages: [%{role: "user", content: question}]
      }
    ).body
  end

  def old?("claude-3-" <> _), do: true
  def old?(_), do: false
end
