package com.example;

import com.anthropic.client.AnthropicClient;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.Model;
import com.anthropic.models.messages.ThinkingConfigEnabled;

public class Assistant {
  /** Retired models such as claude-2.1 are not supported. */
  private static final String FALLBACK = "claude-3-haiku-20240307";

  MessageCreateParams ask(String question) {
    return MessageCreateParams.builder()
        .model(Model.CLAUDE_3_7_SONNET_20250219)
        .maxTokens(4096L)
        .temperature(0.5)
        .addUserMessage(question)
        .build();
  }

  MessageCreateParams think(String question) {
    return MessageCreateParams.builder()
        .model(Model.CLAUDE_SONNET_4_0)
        .maxTokens(16000)
        .thinking(ThinkingConfigEnabled.builder().budgetTokens(2048).build())
        .addUserMessage(question)
        .build();
  }

  MessageCreateParams prefill(String question) {
    return MessageCreateParams.builder()
        .model(Model.CLAUDE_OPUS_4_0)
        .maxTokens(100)
        .addUserMessage(question)
        .addAssistantMessage("{")
        .build();
  }

  boolean isOld(String model) {
    return model.startsWith("claude-3") || model.equals("claude-sonnet-4-20250514");
  }
}
