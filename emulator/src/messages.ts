import type { Message, MessageUsage, StopReason } from '@anthology/wire'

import { continueAnswer } from './answer/continuation.ts'
import { takeIn } from './intake.ts'
import type { Intake } from './intake.ts'
import { narrate } from './narration.ts'
import { jsonReply, refusalReply, streamReply } from './reply.ts'
import type { Reply } from './reply.ts'
import type { Call, Settings } from './routes.ts'
import { utter } from './utterance.ts'
import type { Utterance } from './utterance.ts'

export function createMessage(call: Call, settings: Settings): Reply {
  const intake = takeIn(call, settings, false)
  if (!intake.ok) return refusalReply(intake.refusal, call.head)
  const head = { ...call.head, notices: intake.notices }
  const utterance = speak(intake)
  const message = describe(settings.identity.nextMessageId(), intake, utterance)
  return intake.request.stream
    ? streamReply(narrate(message, utterance), head)
    : jsonReply(message, head, utterance.outputTokens)
}

type Accepted = Extract<Intake, { ok: true }>

/**
 * The words, which depend on model, system prompt and conversation alone: an answer that broke off
 * goes on where it stopped when what there was of it comes back as a prefill.
 */
function speak(intake: Accepted): Utterance {
  const { request, model, prompt } = intake
  const { maxTokens, cutReason } = limitOf(intake)
  const { stop_sequences: stopSequences = [] } = request
  return utter(continueAnswer(prompt, model.name), { maxTokens, cutReason, stopSequences })
}

/**
 * Where the window ends before `max_tokens` do, the answer ends there: silently on models before
 * 3.7, by name with the beta (docs.claude.com, build-with-claude/context-windows, Nov 2025). The
 * others have refused such a request.
 */
function limitOf({ request, model, prompt, betas }: Accepted): { maxTokens: number; cutReason: StopReason } {
  const { max_tokens: maxTokens = 1 } = request
  const { tokens, beta } = model.contextWindow
  const windowTokens = beta && betas.includes(beta.header) ? beta.tokens : tokens
  const roomTokens = Math.max(1, windowTokens - prompt.inputTokens)
  if (maxTokens <= roomTokens) return { maxTokens, cutReason: 'max_tokens' }
  const isNamed =
    model.behaviour.overflow === 'stops' || betas.includes('model-context-window-exceeded-2025-08-26')
  return { maxTokens: roomTokens, cutReason: isNamed ? 'model_context_window_exceeded' : 'max_tokens' }
}

function describe(id: string, { model, prompt }: Accepted, utterance: Utterance): Message {
  const text = utterance.pieces.join('')
  return {
    id,
    type: 'message',
    role: 'assistant',
    model: model.id,
    content: text === '' ? [] : [{ type: 'text', text }],
    stop_reason: utterance.stopReason,
    stop_sequence: utterance.stopSequence,
    usage: usageOf(prompt.inputTokens, utterance.outputTokens),
  }
}

/** The fields of the seed's era (docs.claude.com, api/messages, Nov 2025). */
function usageOf(inputTokens: number, outputTokens: number): MessageUsage {
  return {
    input_tokens: inputTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: outputTokens,
    service_tier: 'standard',
  }
}
