import anthropic

client = anthropic.Anthropic()

response = client.beta.messages.create(
    model="claude-opus-4-8",
    max_tokens=1024,
    tools=[
        {"type": "text_editor_20250728", "name": "str_replace_based_edit_tool"},
        {"type": "bash_20250124", "name": "bash"},
        {"type": "computer_20251124", "name": "computer", "display_width_px": 1024, "display_height_px": 768},
    ],
    messages=[{"role": "user", "content": "Fix the bug."}],
    betas=["computer-use-2025-11-24"],
)
for block in response.content:
    if block.type == "tool_use" and block.name == "str_replace_based_edit_tool":
        print(block.input)
