import { createChance } from '../random.ts'
import type { Accepted } from '../message/validate.ts'
import type { Settings } from '../api/route.ts'
import type { Script } from './completion.ts'
import { planServerTools } from '../server-tools/plan.ts'
import type { ServerPlan } from '../server-tools/plan.ts'
import { scriptRounds, scriptSources, tellRounds } from '../server-tools/script.ts'
import { think } from '../thinking/think.ts'
import { callerOn } from '../tools/caller.ts'
import { planCalls } from '../tools/calls.ts'
import type { CallPlan } from '../tools/calls.ts'
import { readHints } from '../tools/hints.ts'
import { makeSchemaValue } from '../tools/input.ts'
import { isSchema } from '../tools/schema.ts'
import type { Schema } from '../tools/schema.ts'
import { scriptCalls } from '../tools/tool-use.ts'
import { readTurn } from '../tools/turn.ts'
import type { Turn } from '../tools/turn.ts'
import { utter } from './truncate.ts'
import type { Draft } from './truncate.ts'
import { scriptCitations } from './citations.ts'
import { compose } from './text.ts'
import { continueAnswer } from './continuation.ts'
import { limitOf } from './limit.ts'
import { isRefused, refusal } from './refusal.ts'

/** What the stand-in answers to a request, cut where the request wants it cut. */
export function composeScript(intake: Accepted, settings: Settings): Script {
  const { max_tokens: maxTokens, stop_sequences: stopSequences } = intake.request
  // A request that only warms the cache (platform.claude.com, build-with-claude/prompt-caching); its stop reason is inferred.
  if (maxTokens === 0)
    return {
      ...utter([], { ...silence, tokenizer: intake.prompt.tokenizer }),
      stopReason: 'max_tokens',
      outputTokens: 0,
    }
  if (isRefused(intake)) return refusal
  const turn = readTurn(intake.request.messages)
  const service = planServerTools(intake, turn.question, settings)
  return utter(draft(intake, settings, { turn, service }), {
    ...limitOf(intake),
    endReason: service.isPaused ? 'pause_turn' : 'end_turn',
    stopSequences: stopSequences ?? [],
    tokenizer: intake.prompt.tokenizer,
  })
}

const silence = { maxTokens: 0, cutReason: 'max_tokens', stopSequences: [] } as const

interface Standing {
  readonly turn: Turn
  readonly service: ServerPlan
}

function* draft(intake: Accepted, settings: Settings, { turn, service }: Standing): Generator<Draft> {
  yield* think(intake, settings)
  const { fingerprint, tokenizer } = intake.prompt
  const caller = callerOn(intake.day)
  const [first] = service.rounds
  if (first && service.done === 0 && service.end > 0 && isWordy(intake))
    yield { kind: 'speech', parts: introduce(first.name, fingerprint) }
  yield* scriptRounds(service, { ...intake.prompt, caller })
  if (service.isPaused) return
  const plan = planCalls(service.rounds.length > 0 ? withoutForce(intake) : intake, turn)
  const results = [...turn.results, ...tellRounds(service)]
  if (!plan.isSilent || plan.calls.length === 0)
    yield {
      kind: 'speech',
      parts: speech(
        { ...intake, prompt: { ...intake.prompt, prefill: service.prefill } },
        { ...turn, results },
        { plan, settings },
      ),
    }
  if (plan.calls.length === 0 && isFree(intake, service)) {
    yield* scriptCitations(intake.request.messages, turn.question, tokenizer)
    yield* scriptSources(service, tokenizer)
  }
  yield* scriptCalls(plan, {
    turn,
    fingerprint,
    checker: settings.checker,
    tokenizer,
    caller,
  })
}

/** A model that had to call says nothing before, and one that answers in JSON says nothing but that. */
function isWordy({ request, prompt }: Accepted): boolean {
  const { type = 'auto' } = request.tool_choice ?? {}
  return type === 'auto' && prompt.prefill === '' && answerSchemaOf(request) === null
}

/** A tool of the service has been called, as the request wanted. */
function withoutForce(intake: Accepted): Accepted {
  const { tool_choice: choice, ...request } = intake.request
  return choice === undefined || choice.type === 'none' ? intake : { ...intake, request }
}

/** Neither JSON nor the rest of a text that the client began has room for quotations. */
function isFree({ request }: Accepted, { prefill }: ServerPlan): boolean {
  return prefill === '' && answerSchemaOf(request) === null
}

/** The words, which go on from those that the request puts into the assistant's mouth. */
function speech(
  { prompt, model, request }: Accepted,
  turn: Turn,
  { plan, settings }: { readonly plan: CallPlan; readonly settings: Settings },
): Iterable<string> {
  const asked = { ...prompt, question: turn.question }
  const schema = answerSchemaOf(request)
  return continueAnswer(asked, model.name, () => {
    if (plan.calls.length > 0) return announce(plan, asked.fingerprint)
    if (schema === null) return compose(asked, model.name, turn.results)
    const { question } = turn
    const { fingerprint } = prompt
    const occasion = { question, hints: readHints(question), anchor: 0, fingerprint }
    return [JSON.stringify(makeSchemaValue(schema, occasion, settings.checker))]
  })
}

/**
 * Structured outputs (platform.claude.com, build-with-claude/structured-outputs): `output_config.format`, in the
 * beta `output_format`.
 */
function answerSchemaOf(request: Accepted['request']): Schema | null {
  const members: Schema = { ...request }
  const config = members['output_config']
  const format = (isSchema(config) ? config['format'] : undefined) ?? members['output_format']
  if (!isSchema(format) || format['type'] !== 'json_schema' || !isSchema(format['schema'])) return null
  return format['schema']
}

function announce({ calls }: CallPlan, fingerprint: string): readonly string[] {
  const names = [...new Set(calls.map(({ tool }) => tool.name))]
  return introduce(names.join(' and '), fingerprint)
}

function introduce(list: string, fingerprint: string): readonly string[] {
  return [
    createChance(fingerprint).pick([
      `I'll use ${list} for that.`,
      `That is a case for ${list}.`,
      `Let me ask ${list}.`,
      `One moment, ${list} will know.`,
    ]),
  ]
}
