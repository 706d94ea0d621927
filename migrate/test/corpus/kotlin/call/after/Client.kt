package com.example

object Defaults {
    const val MODEL = "claude-opus-4-1-20250805"
    val limits = mapOf("claude-3-5-sonnet-20241022" to 8192, "claude-opus-4-1-20250805" to 32000, "claude-3-haiku-20240307" to 4096)
}

fun params(question: String) = MessageCreateParams.builder()
    .model(Model.CLAUDE_OPUS_4_1_20250805)
    .maxTokens(2048)
    .topK(40)
    .addUserMessage(question)
    .build()

fun maxTokens(model: String) = when {
    model.startsWith("claude-3-7") -> 64000
    model == "claude-3-opus-20240229" -> 4096
    else -> 8192
}
