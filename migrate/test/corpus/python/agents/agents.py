from crewai import LLM, Agent
from langchain.chat_models import init_chat_model
from langchain_anthropic import ChatAnthropic
from langchain_aws import ChatBedrock
from llama_index.llms.anthropic import Anthropic as LlamaAnthropic
from pydantic_ai import Agent as PydanticAgent

support = PydanticAgent("anthropic:claude-3-5-sonnet-latest", system_prompt="Be kind.")

on_bedrock = PydanticAgent("bedrock:us.anthropic.claude-3-7-sonnet-20250219-v1:0")

chat = init_chat_model(
    "claude-3-opus-20240229",
    model_provider="anthropic",
    temperature=0.2,
)

on_google = init_chat_model("google_vertexai:claude-sonnet-4@20250514")

summariser = ChatBedrock(
    model_id="us.anthropic.claude-3-5-haiku-20241022-v1:0",
    model_kwargs={"temperature": 0.1, "max_tokens": 512},
)

thinker = ChatAnthropic(
    model="claude-sonnet-4-20250514",
    max_tokens=8000,
    thinking={"type": "enabled", "budget_tokens": 4000},
)

index_llm = LlamaAnthropic(model="claude-opus-4-0", max_tokens=1024)

writer = Agent(
    role="writer",
    goal="Write the news of the day",
    llm=LLM(model="anthropic/claude-3-5-haiku-latest", temperature=0.7),
)
