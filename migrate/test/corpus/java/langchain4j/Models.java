package com.acme;

import static dev.langchain4j.model.anthropic.AnthropicChatModelName.CLAUDE_3_5_HAIKU_20241022;

import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.bedrock.BedrockChatModel;

class Models {
  AnthropicChatModel fast(String key) {
    return AnthropicChatModel.builder()
        .apiKey(key)
        .modelName("claude-3-haiku-20240307")
        .maxTokens(512)
        .build();
  }

  AnthropicChatModel faster(String key) {
    return AnthropicChatModel.builder().apiKey(key).modelName(CLAUDE_3_5_HAIKU_20241022).maxTokens(512).build();
  }

  BedrockChatModel onBedrock() {
    return BedrockChatModel.builder().modelId("us.anthropic.claude-3-5-haiku-20241022-v1:0").build();
  }

  int limit(String model) {
    return switch (model) {
      case "claude-3-haiku-20240307" -> 4096;
      case "claude-3-5-haiku-20241022" -> 8192;
      default -> 64000;
    };
  }
}
