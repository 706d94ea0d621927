package com.example

object Defaults {
    const val MODEL = "claude-3-5-sonnet-20241022"
    val limits = mapOf("claude-3-5-sonnet-20241022" to 8192, "claude-3-haiku-20240307" to 4096)
}

fun params(question: String) = MessageCreateParams.builder()
    .model(Model.CLAUDE_SONNET_4_20250514)
    .maxTokens(2048)
    .topK(40)
    .addUserMessage(question)
    .build()

fun maxTokens(model: String) = when {
    model.startsWith("claude-3-7") -> 64000
    model == "claude-3-opus-20240229" -> 4096
    else -> 8192
}
