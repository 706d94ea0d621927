#!/bin/sh
# asks claude-2.1
MODEL="${MODEL:-claude-3-7-sonnet-20250219}"
curl -s https://api.anthropic.com/v1/messages \
  -H "x-api-key: $ANTHROPIC_API_KEY" \
  -H "anthropic-version: 2023-06-01" \
  -d '{
    "model": "claude-sonnet-4-20250514",
    "max_tokens": 1024,
    "temperature": 0.2,
    "messages": [{"role": "user", "content": "Hello"}]
  }'
case "$MODEL" in
  claude-3-7*) echo old ;;
  *) echo new ;;
esac
if [ "$MODEL" = "claude-3-opus-20240229" ]; then exit 1; fi
