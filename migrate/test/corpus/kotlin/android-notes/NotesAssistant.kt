package com.acme.notes

import com.anthropic.client.okhttp.AnthropicOkHttpClient
import com.anthropic.models.messages.MessageCreateParams
import com.anthropic.models.messages.Model
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/** Titles and tags for notes. */
class NotesAssistant(private val model: String = "claude-3-5-haiku-20241022") {
    private val client = AnthropicOkHttpClient.fromEnv()

    suspend fun title(note: String): String = withContext(Dispatchers.IO) {
        val params = MessageCreateParams.builder()
            .model(model)
            .maxTokens(64)
            .addUserMessage("A title for: $note")
            .build()
        client.messages().create(params).content().firstNotNullOf { it.text().orElse(null) }.text()
    }

    suspend fun tags(note: String) = withContext(Dispatchers.IO) {
        client.messages().create(
            MessageCreateParams.builder()
                .model(Model.CLAUDE_3_HAIKU_20240307)
                .maxTokens(256)
                .temperature(0.0)
                .topP(0.5)
                .addUserMessage("Tags for: $note")
                .build(),
        )
    }

    companion object {
        /** Prompt and answer must fit. */
        val CONTEXT = mapOf(
            "claude-3-5-haiku-20241022" to 200_000,
        )

        fun canThink(model: String) = Regex("claude-3-7|sonnet-4|opus-4").containsMatchIn(model)

        fun maxTokens(model: String): Long = when (model) {
            "claude-3-haiku-20240307" -> 4096
            else -> 8192
        }
    }
}
