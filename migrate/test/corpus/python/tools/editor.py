import anthropic

client = anthropic.Anthropic()

response = client.beta.messages.create(
    model="claude-3-7-sonnet-20250219",
    max_tokens=1024,
    tools=[
        {"type": "text_editor_20250124", "name": "str_replace_editor"},
        {"type": "bash_20250124", "name": "bash"},
        {"type": "computer_20250124", "name": "computer", "display_width_px": 1024, "display_height_px": 768},
    ],
    messages=[{"role": "user", "content": "Fix the bug."}],
    betas=["computer-use-2025-01-24", "token-efficient-tools-2025-02-19"],
)
for block in response.content:
    if block.type == "tool_use" and block.name == "str_replace_editor":
        print(block.input)
