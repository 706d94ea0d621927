"""Calls a gateway by the clients of Python, and prints what they heard as one object of JSON.

The server's address, key and pair come as arguments.
"""

import json
import sys

import anthropic
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

base_url, key, access_key, secret_key = sys.argv[1:]
model = "us.anthropic.claude-opus-4-5-20251101-v1:0"
question = [{"role": "user", "content": "Why is the sky blue?"}]
told = [{"role": "user", "content": [{"text": "Why is the sky blue?"}]}]
body = json.dumps({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 500, "messages": question})


def text_of(message):
    return "".join(block.text for block in message.content if block.type == "text")


def runtime(secret):
    return boto3.client(
        "bedrock-runtime",
        endpoint_url=base_url,
        region_name="us-east-1",
        aws_access_key_id=access_key,
        aws_secret_access_key=secret,
        config=Config(retries={"total_max_attempts": 1}),
    )


def error_of(call):
    try:
        call()
    except ClientError as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]
    except anthropic.APIStatusError as error:
        return [type(error).__name__, error.status_code]
    return None


def by_boto3():
    client = runtime(secret_key)
    invoked = json.loads(client.invoke_model(modelId=model, body=body)["body"].read())
    events = client.invoke_model_with_response_stream(modelId=model, body=body)["body"]
    chunks = [json.loads(event["chunk"]["bytes"]) for event in events]
    conversed = client.converse(modelId=model, messages=told, inferenceConfig={"maxTokens": 500})
    members = client.converse_stream(modelId=model, messages=told, inferenceConfig={"maxTokens": 500})
    deltas = [member["contentBlockDelta"]["delta"]["text"] for member in members["stream"] if "contentBlockDelta" in member]
    counted = client.count_tokens(modelId=model[3:], input={"converse": {"messages": told}})
    control = boto3.client(
        "bedrock",
        endpoint_url=base_url,
        region_name="us-east-1",
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
    )
    profiles = control.list_inference_profiles(maxResults=1000)["inferenceProfileSummaries"]
    return {
        "texts": [
            invoked["content"][0]["text"],
            "".join(chunk.get("delta", {}).get("text", "") for chunk in chunks),
            conversed["output"]["message"]["content"][0]["text"],
            "".join(deltas),
        ],
        "tokens": [invoked["usage"]["input_tokens"], counted["inputTokens"]],
        "profiles": [profile["inferenceProfileId"] for profile in profiles],
        "errors": [
            error_of(lambda: client.invoke_model(modelId=model, body="{}")),
            error_of(lambda: client.converse(modelId="anthropic.claude-9", messages=told)),
            error_of(lambda: runtime("another secret").converse(modelId=model, messages=told)),
        ],
    }


def by_anthropic(client, name):
    message = client.messages.create(model=name, max_tokens=500, messages=question)
    with client.messages.stream(model=name, max_tokens=500, messages=question) as stream:
        heard = "".join(stream.text_stream)
    return {
        "texts": [text_of(message), heard],
        "errors": [
            error_of(lambda: client.messages.create(model=name, max_tokens=-1, messages=question)),
            error_of(lambda: client.messages.create(model=name + "-nobodys", max_tokens=1, messages=question)),
        ],
    }


bedrock = anthropic.AnthropicBedrock(
    base_url=base_url,
    aws_region="us-east-1",
    aws_access_key=access_key,
    aws_secret_key=secret_key,
    max_retries=0,
)
vertex = anthropic.AnthropicVertex(
    base_url=base_url + "/v1",
    region="us-east5",
    project_id="a-project",
    access_token=key,
    max_retries=0,
)
print(
    json.dumps(
        {
            "boto3": by_boto3(),
            "bedrock": by_anthropic(bedrock, model),
            "vertex": by_anthropic(vertex, "claude-opus-4-5@20251101"),
        }
    )
)
