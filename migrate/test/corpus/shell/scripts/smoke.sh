#!/bin/sh
# One request to every model that we use.
for model in claude-sonnet-4-20250514 claude-3-5-haiku-20241022; do
  echo "== $model"
done

curl -s https://api.anthropic.com/v1/messages \
  -H "anthropic-beta: context-1m-2025-08-07" \
  -H "anthropic-version: 2023-06-01" \
  -d '{"model": "claude-sonnet-4-5", "max_tokens": 8192, "messages": [{"role": "user", "content": "Hi"}]}'

aws bedrock-runtime converse \
  --model-id us.anthropic.claude-3-7-sonnet-20250219-v1:0 \
  --inference-config '{"maxTokens": 8192, "temperature": 0.2}' \
  --messages '[{"role": "user", "content": [{"text": "Hi"}]}]'

claude --print --model claude-opus-4-1 "Say hello"

case "$MODEL" in
  claude-3-*) echo "old" ;;
  claude-*) echo "ok" ;;
esac

mkdir -p "/tmp/claude-$USER" && npx claude-code --version
