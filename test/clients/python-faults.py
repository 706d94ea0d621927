"""Calls one server with faults by header and prints the class of each error as JSON; `python-faults.test.ts` judges it."""

import json
import sys

import anthropic
import boto3
from botocore.config import Config

base_url, faults = sys.argv[1], json.loads(sys.argv[2])
messages = [{"role": "user", "content": "Why is the sky blue?"}]
profile = "us.anthropic.claude-opus-4-5-20251101-v1:0"


def plain(headers):
    client = anthropic.Anthropic(base_url=base_url, api_key="any", max_retries=1, default_headers=headers)
    client.messages.create(model="claude-opus-4-5", max_tokens=100, messages=messages)


def stream(headers):
    client = anthropic.Anthropic(base_url=base_url, api_key="any", max_retries=1, default_headers=headers)
    with client.messages.stream(model="claude-opus-4-5", max_tokens=100, messages=messages) as events:
        events.get_final_message()


def runtime(headers):
    client = boto3.client(
        "bedrock-runtime",
        endpoint_url=base_url,
        region_name="us-east-1",
        aws_access_key_id="AKIAEMULATOR",
        aws_secret_access_key="secret",
        config=Config(retries={"total_max_attempts": 2, "mode": "standard"}),
    )

    def add(request, **_):
        for name, value in headers.items():
            request.headers[name] = value

    client.meta.events.register("before-sign.bedrock-runtime.*", add)
    return client


def converse(headers):
    content = [{"role": "user", "content": [{"text": "Why is the sky blue?"}]}]
    runtime(headers).converse(modelId=profile, messages=content, inferenceConfig={"maxTokens": 100})


def converse_stream(headers):
    content = [{"role": "user", "content": [{"text": "Why is the sky blue?"}]}]
    answer = runtime(headers).converse_stream(
        modelId=profile, messages=content, inferenceConfig={"maxTokens": 100}
    )
    list(answer["stream"])


calls = {"plain": plain, "stream": stream, "converse": converse, "converse_stream": converse_stream}


def name_error(call, headers):
    try:
        call(headers)
        return "ok"
    except Exception as error:
        return type(error).__name__


print(
    json.dumps(
        {
            name: {
                kind: name_error(
                    call, {"x-anthology-fault": json.dumps(fault), "x-case": f"{name}, {kind}"}
                )
                for kind, call in calls.items()
            }
            for name, fault in faults.items()
        }
    )
)
