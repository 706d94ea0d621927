import anthropic

client = anthropic.Anthropic()
TOOLS = [
    {
        "name": "read_page",
        "description": "Reads a page of the archive",
        "input_schema": {"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]},
    }
]


def read_page(url):
    return f"The page {url} is empty."


def research(task, turns=2):
    messages = [{"role": "user", "content": task}]
    for _ in range(turns):
        message = client.beta.messages.create(
            model="claude-opus-4-5-20251101",
            betas=["interleaved-thinking-2025-05-14"],
            max_tokens=32000,
            top_k=40,
            thinking={
                "type": "enabled",
                "budget_tokens": 16000,
            },
            tools=TOOLS,
            messages=messages,
        )
        messages.append({"role": "assistant", "content": message.content})
        calls = [block for block in message.content if block["type"] == "tool_use"]
        if not calls:
            return message.stop_reason
        messages.append(
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": call["id"], "content": read_page(**call["input"])}
                    for call in calls
                ],
            }
        )
    return "too many turns"


def shorten(text):
    return client.messages.create(
        model="claude-opus-4-1",
        max_tokens=16000,
        thinking={"type": "disabled"},
        messages=[{"role": "user", "content": f"Shorten: {text}"}],
    )


print(research("Find out who built the mill."))
print(shorten("The mill was built by the brothers Huber.").stop_reason)
