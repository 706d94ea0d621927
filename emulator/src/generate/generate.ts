import { readRecord, readText } from '@anthology/wire'

import type { ValidRequest } from '../message/valid-request.ts'
import type { Settings } from '../options/settings.ts'
import type { Completion } from './completion.ts'
import { planServerTools } from '../server-tools/plan.ts'
import type { ServerPlan } from '../server-tools/plan.ts'
import { createRoundBlocks, createSourceBlocks, describeRounds } from '../server-tools/round-blocks.ts'
import { think } from '../thinking/think.ts'
import { getCaller } from '../tools/caller.ts'
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
import { findOutputLimit } from './output-limit.ts'
import { findPromptedSchema } from './prompted-schema.ts'
import { isRefused, refusal } from './refusal.ts'

/** Generates the answer to a request, truncated to its limits. */
export function generateCompletion(validation: ValidRequest, settings: Settings): Completion {
  const { max_tokens: maxTokens, stop_sequences: stopSequences } = validation.request
  // The request only warms the cache (platform.claude.com, build-with-claude/prompt-caching); the stop reason is inferred.
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
    ...findOutputLimit(validation),
    endReason: service.isPaused ? 'pause_turn' : 'end_turn',
    stopSequences: stopSequences ?? [],
    tokenizer: validation.prompt.tokenizer,
  })
}

const silence = { maxTokens: 0, cutReason: 'max_tokens', stopSequences: [] } as const

interface DraftContext {
  readonly turn: Turn
  readonly service: ServerPlan
}

function* draft(
  validation: ValidRequest,
  settings: Settings,
  { turn, service }: DraftContext,
): Generator<DraftBlock> {
  yield* think(validation, settings)
  const { fingerprint, tokenizer } = validation.prompt
  const caller = getCaller(validation.day)
  const [first] = service.rounds
  if (first && service.done === 0 && service.end > 0 && canIntroduce(validation))
    yield { kind: 'text_draft', parts: introduce(first.name) }
  yield* createRoundBlocks(service, { ...validation.prompt, caller })
  if (service.isPaused) return
  const plan = planCalls(service.rounds.length > 0 ? withoutForce(validation) : validation, turn)
  const results = [...turn.results, ...describeRounds(service)]
  if (!plan.isSilent || plan.calls.length === 0)
    yield {
      kind: 'text_draft',
      parts: createText(
        { ...validation, prompt: { ...validation.prompt, prefill: service.prefill } },
        { ...turn, results },
        { plan, settings },
      ),
    }
  if (plan.calls.length === 0 && canCite(validation, service)) {
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

/** Text may precede a tool call, except after a forced choice, a prefill, or with structured output. */
function canIntroduce(validation: ValidRequest): boolean {
  const { type = 'auto' } = validation.request.tool_choice ?? {}
  return type === 'auto' && validation.prompt.prefill === '' && findTextSchema(validation) === null
}

/** Removes a forced tool choice that a server tool has already satisfied. */
function withoutForce(validation: ValidRequest): ValidRequest {
  const { tool_choice: choice, ...request } = validation.request
  return choice === undefined || choice.type === 'none' ? validation : { ...validation, request }
}

/** Structured output and the continuation of a prefill have no citations. */
function canCite(validation: ValidRequest, { prefill }: ServerPlan): boolean {
  return prefill === '' && findTextSchema(validation) === null
}

/** Creates the text, which continues the prefill. */
function createText(
  validation: ValidRequest,
  turn: Turn,
  { plan, settings }: { readonly plan: CallPlan; readonly settings: Settings },
): Iterable<string> {
  const { prompt, model } = validation
  const schema = findTextSchema(validation)
  return continueAnswer(prompt, model.name, () => {
    if (plan.calls.length > 0) return announce(plan)
    if (schema === null) return createAnswer(prompt, model.name, turn.results)
    const question = findPromptedSchema(prompt.question)?.rest ?? prompt.question
    const context = { question, hints: readHints(question), anchor: 0, fingerprint: prompt.fingerprint }
    return [JSON.stringify(makeSchemaValue(schema, context, settings.checker))]
  })
}

/** The schema of the JSON that the text must be: of a structured output, or of the instructions in the prompt. */
function findTextSchema({ request, prompt }: ValidRequest): Schema | null {
  return (
    findAnswerSchema(request) ??
    findPromptedSchema(prompt.system)?.schema ??
    findPromptedSchema(prompt.question)?.schema ??
    null
  )
}

/**
 * Returns the schema of a structured output (platform.claude.com, build-with-claude/structured-outputs):
 * `output_config.format`, or `output_format` in the beta.
 */
export function findAnswerSchema(request: ValidRequest['request']): Schema | null {
  const members: Schema = { ...request }
  const format = readRecord(members['output_config'], 'format') ?? members['output_format']
  return readText(format, 'type') === 'json_schema' ? readRecord(format, 'schema') : null
}

function announce({ calls }: CallPlan): readonly string[] {
  const names = [...new Set(calls.map(({ tool }) => tool.name))]
  return introduce(names.join(' and '))
}

function introduce(names: string): readonly string[] {
  return [`I'll use ${names} for this.`]
}
