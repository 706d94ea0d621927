package com.example;

import com.anthropic.client.AnthropicClient;
import com.anthropic.models.messages.MessageCreateParams;
import com.anthropic.models.messages.Model;
import com.anthropic.models.messages.ThinkingConfigAdaptive;

public class Assistant {
  /** Retired models such as claude-2.1 are not supported. */
  private static final String FALLBACK = "claude-opus-4-8";

  MessageCreateParams ask(String question) {
    return MessageCreateParams.builder()
        .model(Model.CLAUDE_OPUS_4_8)
        .maxTokens(4096L)
        .addUserMessage(question)
        .build();
  }

  MessageCreateParams think(String question) {
    return MessageCreateParams.builder()
        .model(Model.CLAUDE_OPUS_4_8)
        .maxTokens(16000)
        .thinking(ThinkingConfigAdaptive.builder().build())
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
