import { readRecord, readText } from '@anthology/wire'

import { createRandom } from '../random.ts'
import type { ValidRequest } from '../message/valid-request.ts'
import type { Settings } from '../settings.ts'
import type { Completion } from './completion.ts'
import { planServerTools } from '../server-tools/plan.ts'
import type { ServerPlan } from '../server-tools/plan.ts'
import { createRoundBlocks, createSourceBlocks, describeRounds } from '../server-tools/script.ts'
import { think } from '../thinking/think.ts'
import { callerOn } from '../tools/caller.ts'
import { planCalls } from '../tools/calls.ts'
import type { CallPlan } from '../tools/calls.ts'
import { readHints } from '../tools/hints.ts'
import { makeSchemaValue } from '../tools/input.ts'
import type { Schema } from '../tools/json-schema.ts'
import { createToolUses } from '../tools/tool-use.ts'
import { readTurn } from '../tools/turn.ts'
import type { Turn } from '../tools/turn.ts'
import { truncate } from './truncate.ts'
import type { DraftBlock } from './truncate.ts'
import { createCitations } from './citations.ts'
import { createAnswer } from './text.ts'
import { continueAnswer } from './continuation.ts'
import { findLimit } from './limit.ts'
import { isRefused, refusal } from './refusal.ts'

/** What the stand-in answers to a request, cut where the request wants it cut. */
export function generateCompletion(validation: ValidRequest, settings: Settings): Completion {
  const { max_tokens: maxTokens, stop_sequences: stopSequences } = validation.request
  // A request that only warms the cache (platform.claude.com, build-with-claude/prompt-caching); its stop reason is inferred.
  if (maxTokens === 0)
    return {
      ...truncate([], { ...silence, tokenizer: validation.prompt.tokenizer }),
      stopReason: 'max_tokens',
      outputTokens: 0,
    }
  if (isRefused(validation)) return refusal
  const turn = readTurn(validation.request.messages)
  const service = planServerTools(validation, turn.question, settings)
  return truncate(draft(validation, settings, { turn, service }), {
    ...findLimit(validation),
    endReason: service.isPaused ? 'pause_turn' : 'end_turn',
    stopSequences: stopSequences ?? [],
    tokenizer: validation.prompt.tokenizer,
  })
}

const silence = { maxTokens: 0, cutReason: 'max_tokens', stopSequences: [] } as const

interface LimitState {
  readonly turn: Turn
  readonly service: ServerPlan
}

function* draft(
  validation: ValidRequest,
  settings: Settings,
  { turn, service }: LimitState,
): Generator<DraftBlock> {
  yield* think(validation, settings)
  const { fingerprint, tokenizer } = validation.prompt
  const caller = callerOn(validation.day)
  const [first] = service.rounds
  if (first && service.done === 0 && service.end > 0 && isWordy(validation))
    yield { kind: 'speech', parts: introduce(first.name, fingerprint) }
  yield* createRoundBlocks(service, { ...validation.prompt, caller })
  if (service.isPaused) return
  const plan = planCalls(service.rounds.length > 0 ? withoutForce(validation) : validation, turn)
  const results = [...turn.results, ...describeRounds(service)]
  if (!plan.isSilent || plan.calls.length === 0)
    yield {
      kind: 'speech',
      parts: createText(
        { ...validation, prompt: { ...validation.prompt, prefill: service.prefill } },
        { ...turn, results },
        { plan, settings },
      ),
    }
  if (plan.calls.length === 0 && isFree(validation, service)) {
    yield* createCitations(validation.request.messages, turn.question, tokenizer)
    yield* createSourceBlocks(service, tokenizer)
  }
  yield* createToolUses(plan, {
    turn,
    fingerprint,
    checker: settings.checker,
    tokenizer,
    caller,
  })
}

/** A model that had to call says nothing before, and one that answers in JSON says nothing but that. */
function isWordy({ request, prompt }: ValidRequest): boolean {
  const { type = 'auto' } = request.tool_choice ?? {}
  return type === 'auto' && prompt.prefill === '' && findAnswerSchema(request) === null
}

/** A tool of the service has been called, as the request wanted. */
function withoutForce(validation: ValidRequest): ValidRequest {
  const { tool_choice: choice, ...request } = validation.request
  return choice === undefined || choice.type === 'none' ? validation : { ...validation, request }
}

/** Neither JSON nor the rest of a text that the client began has room for quotations. */
function isFree({ request }: ValidRequest, { prefill }: ServerPlan): boolean {
  return prefill === '' && findAnswerSchema(request) === null
}

/** The words, which go on from those that the request puts into the assistant's mouth. */
function createText(
  { prompt, model, request }: ValidRequest,
  turn: Turn,
  { plan, settings }: { readonly plan: CallPlan; readonly settings: Settings },
): Iterable<string> {
  const schema = findAnswerSchema(request)
  return continueAnswer(prompt, model.name, () => {
    if (plan.calls.length > 0) return announce(plan, prompt.fingerprint)
    if (schema === null) return createAnswer(prompt, model.name, turn.results)
    const { question, fingerprint } = prompt
    const context = { question, hints: readHints(question), anchor: 0, fingerprint }
    return [JSON.stringify(makeSchemaValue(schema, context, settings.checker))]
  })
}

/**
 * Structured outputs (platform.claude.com, build-with-claude/structured-outputs): `output_config.format`, in the
 * beta `output_format`.
 */
function findAnswerSchema(request: ValidRequest['request']): Schema | null {
  const members: Schema = { ...request }
  const format = readRecord(members['output_config'], 'format') ?? members['output_format']
  return readText(format, 'type') === 'json_schema' ? readRecord(format, 'schema') : null
}

function announce({ calls }: CallPlan, fingerprint: string): readonly string[] {
  const names = [...new Set(calls.map(({ tool }) => tool.name))]
  return introduce(names.join(' and '), fingerprint)
}

function introduce(list: string, fingerprint: string): readonly string[] {
  return [
    createRandom(fingerprint).pick([
      `I'll use ${list} for that.`,
      `That is a case for ${list}.`,
      `Let me ask ${list}.`,
      `One moment, ${list} will know.`,
    ]),
  ]
}
