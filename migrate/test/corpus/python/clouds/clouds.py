import json

import boto3
from anthropic import AnthropicVertex
from langchain_aws import ChatBedrock

bedrock = boto3.client("bedrock-runtime", region_name="us-east-1")


def invoke(prompt):
    body = json.dumps({
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 512,
        "temperature": 0.5,
        "top_k": 250,
        "messages": [{"role": "user", "content": prompt}],
    })
    return bedrock.invoke_model(modelId="us.anthropic.claude-3-7-sonnet-20250219-v1:0", body=body)


def converse(prompt):
    return bedrock.converse(
        modelId="us.anthropic.claude-sonnet-4-20250514-v1:0",
        messages=[{"role": "user", "content": [{"text": prompt}]}],
        inferenceConfig={"maxTokens": 512, "temperature": 0.5, "topP": 0.9},
        additionalModelRequestFields={"top_k": 50},
    )


chat = ChatBedrock(
    model_id="anthropic.claude-3-haiku-20240307-v1:0",
    model_kwargs={"temperature": 0.1},
)
