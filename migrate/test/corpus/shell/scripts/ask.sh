#!/usr/bin/env bash
# Asks Claude from the command line: ask.sh "question"
set -euo pipefail

MODEL="${CLAUDE_MODEL:-claude-3-7-sonnet-20250219}"
question="${1:?a question is missing}"

curl --silent --fail "${ANTHROPIC_BASE_URL:-https://api.anthropic.com}/v1/messages" \
  --header "x-api-key: $ANTHROPIC_API_KEY" \
  --header "anthropic-version: 2023-06-01" \
  --header "content-type: application/json" \
  --data "$(jq -n --arg model "$MODEL" --arg q "$question" \
    '{model: $model, max_tokens: 8192, messages: [{role: "user", content: $q}]}')"
