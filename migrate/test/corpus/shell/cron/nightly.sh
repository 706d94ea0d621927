#!/bin/bash
# Nightly report. It ran on claude-3-opus-20240229 until 2025.
export ANTHROPIC_MODEL=claude-opus-4-1-20250805
export ANTHROPIC_SMALL_FAST_MODEL="${SMALL:-us.anthropic.claude-3-5-haiku-20241022-v1:0}"

llm -m anthropic/claude-opus-4-0 "Summarise $(date +%F)" > "/var/reports/claude-$(date +%F).md"

gcloud_model="claude-opus-4@20250514"
curl -s "https://aiplatform.googleapis.com/v1/projects/acme/locations/global/publishers/anthropic/models/${gcloud_model}:rawPredict" \
  -d @- <<JSON
{"anthropic_version": "vertex-2023-10-16", "max_tokens": 8192, "messages": [{"role": "user", "content": "Hi"}]}
JSON

if [[ "$ANTHROPIC_MODEL" == claude-opus-4* ]]; then
  echo "slow model"
fi
