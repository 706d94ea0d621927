from anthropic import AnthropicVertex

client = AnthropicVertex(region="us-east5", project_id="my-project")

message = client.messages.create(
    model="claude-sonnet-4@20250514",
    max_tokens=100,
    messages=[{"role": "user", "content": "Hey Claude!"}],
)
# {"id": "msg_vrtx_1", "model": "claude-3-7-sonnet-20250219", "role": "assistant"}
print(message.model_dump_json(indent=2))
PLATFORM_IDS = {
    "anthropic": "claude-sonnet-4-20250514",
    "bedrock": "us.anthropic.claude-sonnet-4-20250514-v1:0",
    "vertex": "claude-sonnet-4@20250514",
}
