import litellm
from langchain.chat_models import init_chat_model
from langchain_anthropic import ChatAnthropic
from pydantic_ai import Agent

agent = Agent("anthropic:claude-3-7-sonnet-latest", system_prompt="Be brief.")
model = init_chat_model("anthropic:claude-sonnet-4-20250514", temperature=0)
llm = ChatAnthropic(model="claude-3-5-sonnet-20241022", temperature=0.7, max_tokens=1024)
router = litellm.completion(
    model="openrouter/anthropic/claude-3.7-sonnet",
    messages=[{"role": "user", "content": "hi"}],
)
vertex = litellm.completion(model="vertex_ai/claude-sonnet-4@20250514", messages=[{"role": "user", "content": "hi"}], top_k=5)
thinking_variant = "anthropic/claude-3.7-sonnet:thinking"
