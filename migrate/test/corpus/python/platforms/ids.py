"""The same model on every platform."""
from anthropic import Anthropic, AnthropicBedrock, AnthropicVertex

MODEL_BY_PLATFORM = {
    "api": "claude-3-7-sonnet-20250219",
    "bedrock": "us.anthropic.claude-3-7-sonnet-20250219-v1:0",
    "vertex": "claude-3-7-sonnet@20250219",
    "openrouter": "anthropic/claude-3.7-sonnet",
    "foundry": "claude-desk-prod",
}


def client_of(platform):
    return {"bedrock": AnthropicBedrock, "vertex": AnthropicVertex}.get(platform, Anthropic)()


def ask(platform, question):
    return client_of(platform).messages.create(
        model=MODEL_BY_PLATFORM[platform],
        max_tokens=1024,
        messages=[{"role": "user", "content": question}],
    )


def ask_europe(question):
    client = AnthropicBedrock(aws_region="eu-west-3")
    return client.messages.create(
        model="eu.anthropic.claude-3-5-sonnet-20240620-v1:0",
        max_tokens=1024,
        temperature=0.3,
        messages=[{"role": "user", "content": question}],
    )


def ask_asia(question):
    client = AnthropicBedrock(aws_region="ap-southeast-1")
    return client.messages.create(
        model="apac.anthropic.claude-3-haiku-20240307-v1:0",
        max_tokens=1024,
        messages=[{"role": "user", "content": question}],
    )


def ask_google(question):
    client = AnthropicVertex(region="europe-west1", project_id="acme")
    message = client.messages.create(
        model="claude-3-opus@20240229",
        max_tokens=1024,
        messages=[{"role": "user", "content": question}],
    )
    # {'id': 'msg_vrtx_017', 'model': 'claude-3-opus-20240229', 'stop_reason': 'end_turn'}
    return message
