from enum import Enum
from typing import Literal

from pydantic import BaseModel, Field
from pydantic_settings import BaseSettings


class ClaudeModel(str, Enum):
    SONNET_3_7 = "claude-3-7-sonnet-20250219"
    OPUS_4 = "claude-opus-4-20250514"


class AgentConfig(BaseModel):
    name: str
    model: str = Field(default="anthropic:claude-sonnet-4-0", description="Model of the agent")
    effort: Literal["low", "medium", "high"] = "medium"


class Settings(BaseSettings):
    llm_model: str = "anthropic/claude-3-5-sonnet-20240620"
    bedrock_model_id: str = "us.anthropic.claude-sonnet-4-20250514-v1:0"
    vertex_model: str = "claude-3-7-sonnet@20250219"
    foundry_deployment: str = "claude-sonnet-45-2"
    fallback_model: str | None = None

    class Config:
        env_prefix = "DESK_"

    def pick(self, config: object) -> str:
        return getattr(config, "model", "claude-3-7-sonnet-latest") or self.llm_model
