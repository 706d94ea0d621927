from anthropic import AnthropicVertex

client = AnthropicVertex(region="us-east5", project_id="my-project")

message = client.messages.create(
    model="claude-3-7-sonnet@20250219",
    max_tokens=100,
    messages=[{"role": "user", "content": "Hey Claude!"}],
)
# {"id": "msg_vrtx_1", "model": "claude-3-7-sonnet-20250219", "role": "assistant"}
print(message.model_dump_json(indent=2))
PLATFORM_IDS = {
    "anthropic": "claude-3-5-sonnet-20241022",
    "bedrock": "us.anthropic.claude-3-7-sonnet-20250219-v1:0",
    "vertex": "claude-3-5-sonnet-v2@20241022",
}
