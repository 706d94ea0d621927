import litellm
from langchain.chat_models import init_chat_model
from langchain_anthropic import ChatAnthropic
from pydantic_ai import Agent

agent = Agent("anthropic:claude-haiku-5-5", system_prompt="Be brief.")
model = init_chat_model("anthropic:claude-haiku-5-5")
llm = ChatAnthropic(model="claude-haiku-5-5", max_tokens=1024)
router = litellm.completion(
    model="openrouter/anthropic/claude-haiku-5.5",
    messages=[{"role": "user", "content": "hi"}],
)
vertex = litellm.completion(model="vertex_ai/claude-haiku-5-5", messages=[{"role": "user", "content": "hi"}])
thinking_variant = "anthropic/claude-3.7-sonnet:thinking"
