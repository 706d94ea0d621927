"""Drives the Python SDK against one server and prints what it saw as JSON; `python.test.ts` judges it."""

import json
import sys
import time

import anthropic

base_url, key = sys.argv[1:3]
model = "claude-opus-4-5"
client = anthropic.Anthropic(base_url=base_url, api_key=key, max_retries=0)
question = [{"role": "user", "content": "Why is the sky blue?"}]
weather = {
    "name": "get_weather",
    "description": "The weather in a city",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}},
        "required": ["city"],
    },
}


def create():
    message = client.messages.create(model=model, max_tokens=500, messages=question)
    count = client.messages.count_tokens(model=model, messages=question)
    return {"message": message.model_dump(mode="json"), "counted": count.input_tokens}


def stream():
    with client.messages.stream(model=model, max_tokens=500, messages=question) as events:
        pieces = list(events.text_stream)
        final = events.get_final_message()
    return {"pieces": pieces, "message": final.model_dump(mode="json")}


def tools():
    asked = [{"role": "user", "content": "Use get_weather for Lisbon, please."}]
    called = client.messages.create(model=model, max_tokens=500, messages=asked, tools=[weather])
    use = next(block for block in called.content if block.type == "tool_use")
    result = {"type": "tool_result", "tool_use_id": use.id, "content": "18 degrees"}
    answered = client.messages.create(
        model=model,
        max_tokens=500,
        tools=[weather],
        messages=[
            *asked,
            {"role": "assistant", "content": called.content},
            {"role": "user", "content": [result]},
        ],
    )
    text = "".join(block.text for block in answered.content if block.type == "text")
    return {"stop_reason": called.stop_reason, "name": use.name, "input": use.input, "answer": text}


def errors():
    stranger = anthropic.Anthropic(base_url=base_url, api_key="of-nobody", max_retries=0)
    return [
        failure(lambda: client.messages.create(model=model, max_tokens=500, messages=[])),
        failure(lambda: client.messages.create(model="claude-none", max_tokens=5, messages=question)),
        failure(lambda: stranger.messages.create(model=model, max_tokens=5, messages=question)),
    ]


def failure(call):
    try:
        call()
    except anthropic.APIStatusError as error:
        return {
            "class": type(error).__name__,
            "status": error.status_code,
            "type": error.body["error"]["type"],
            "has_request_id": error.request_id is not None,
        }
    return None


def batches():
    params = {"model": model, "max_tokens": 50, "messages": question}
    requests = [{"custom_id": name, "params": params} for name in ("one", "two")]
    batch = client.messages.batches.create(requests=requests)
    until = time.monotonic() + 20
    while batch.processing_status != "ended" and time.monotonic() < until:
        batch = client.messages.batches.retrieve(batch.id)
    results = {line.custom_id: line.result.type for line in client.messages.batches.results(batch.id)}
    listed = [one.id for one in client.messages.batches.list()]
    deleted = client.messages.batches.delete(batch.id)
    return {
        "status": batch.processing_status,
        "succeeded": batch.request_counts.succeeded,
        "results": results,
        "is_listed": batch.id in listed,
        "is_deleted": deleted.id == batch.id,
    }


scenarios = {"create": create, "stream": stream, "tools": tools, "errors": errors, "batches": batches}
print(json.dumps({name: run() for name, run in scenarios.items()}))
