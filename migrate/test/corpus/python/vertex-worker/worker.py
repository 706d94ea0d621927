import json
import os
import urllib.request

HOST = os.environ.get("ANTHROPIC_BASE_URL", "https://aiplatform.googleapis.com")
PROJECT = os.environ.get("PROJECT", "demo")
MODELS = {
    "fast": "claude-3-5-haiku@20241022",
    "smart": "claude-sonnet-4-5@20250929",
}


def raw_predict(model, **body):
    request = urllib.request.Request(
        f"{HOST}/v1/projects/{PROJECT}/locations/global/publishers/anthropic/models/{model}:rawPredict",
        data=json.dumps({"anthropic_version": "vertex-2023-10-16", **body}).encode(),
        headers={"content-type": "application/json", "authorization": "Bearer test"},
    )
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def work(job):
    kind = "smart" if len(job["text"]) > 20 else "fast"
    return raw_predict(
        MODELS[kind],
        max_tokens=8000,
        messages=[{"role": "user", "content": job["text"]}],
    )


for job in [{"text": "Short one"}, {"text": "A longer text, that needs the better model"}]:
    print(work(job)["stop_reason"])
