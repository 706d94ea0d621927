import anthropic

client = anthropic.Anthropic()


def click_loop(task, screenshot):
    messages = [{"role": "user", "content": task}]
    while True:
        response = client.beta.messages.create(
            model="claude-opus-4-8",
            max_tokens=16000,
            betas=["computer-use-2025-11-24"],
            tools=[
                {
                    "type": "computer_20251124",
                    "name": "computer",
                    "display_width_px": 1280,
                    "display_height_px": 800,
                }
            ],
            messages=messages,
        )
        if response.stop_reason != "tool_use":
            return response
        messages = messages[-20:]
        messages.append({"role": "assistant", "content": response.content})
        messages.append({"role": "user", "content": [screenshot()]})


def bash_loop(command):
    return client.messages.create(
        model="claude-opus-4-1-20250805",
        max_tokens=16000,
        tools=[{"type": "bash_20250124", "name": "bash"}],
        messages=[{"role": "user", "content": command}],
    )
