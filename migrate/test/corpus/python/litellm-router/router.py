import litellm
from litellm import Router, completion

router = Router(
    model_list=[
        {
            "model_name": "writer",
            "litellm_params": {
                "model": "anthropic/claude-opus-4-20250514",
                "temperature": 0.8,
                "max_tokens": 8192,
            },
        },
        {
            "model_name": "writer",
            "litellm_params": {
                "model": "bedrock/converse/us.anthropic.claude-opus-4-1-20250805-v1:0",
                "max_tokens": 8192,
            },
        },
        {
            "model_name": "writer",
            "litellm_params": {"model": "vertex_ai/claude-opus-4@20250514", "vertex_location": "global"},
        },
        {
            "model_name": "cheap",
            "litellm_params": {"model": "openrouter/anthropic/claude-3.5-haiku"},
        },
    ]
)


def think(question):
    return completion(
        model="anthropic/claude-3-7-sonnet-20250219",
        thinking={"type": "enabled", "budget_tokens": 1024},
        max_tokens=4096,
        messages=[{"role": "user", "content": question}],
    )


def cost(response):
    if response.model.startswith(("claude-3-opus", "claude-opus-4")):
        return litellm.completion_cost(response) * 0.9
    return litellm.completion_cost(response)
