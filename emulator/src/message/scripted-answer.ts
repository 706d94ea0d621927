import type { Completion } from '../generate/completion.ts'
import { generateCompletion } from '../generate/generate.ts'
import type { ApiError } from '../http/reply.ts'
import { findFailure, toApiError } from '../faults/fault-failure.ts'
import type { Exchange } from '../scenario/exchange.ts'
import { readRequestFacts } from '../scenario/request-facts.ts'
import type { ScriptedUsage } from '../scenario/scenario.ts'
import { createScriptedCompletion } from '../scenario/scripted-completion.ts'
import { maxInsertedChars } from '../scenario/templates.ts'
import type { Settings } from '../options/settings.ts'
import type { Call } from '../call.ts'
import type { ValidRequest } from './valid-request.ts'

export type ScriptedAnswer =
  | {
      readonly ok: true
      /** Generates the answer, which the scenario or the emulator itself gives. */
      readonly complete: () => Completion
      /** Members that replace those of the derived usage. */
      readonly usage: ScriptedUsage | undefined
    }
  | { readonly ok: false; readonly error: ApiError }

/** Asks the scenario for the answer to a valid request; without a rule the emulator's own is generated. */
export function chooseAnswer(validation: ValidRequest, call: Call, settings: Settings): ScriptedAnswer {
  const generated = {
    ok: true,
    complete: () => generateCompletion(validation, settings),
    usage: undefined,
  } as const
  const { exchange } = call.head
  // A fault of this request alone answers before the rules are asked.
  const failed = failExchange(exchange, validation)
  if (failed !== null) return failed
  // Without rules the facts of the request are not read.
  if (!settings.script.hasRules()) return generated
  const facts = readRequestFacts(exchange, validation, settings.servedModels.asOf())
  const choice = settings.script.choose(facts)
  if (choice.kind === 'refuse') {
    exchange.isUnmatched = true
    return { ok: false, error: { status: 400, message: choice.message } }
  }
  if (choice.kind === 'answer') {
    exchange.isUnmatched = choice.isUnmatched
    return generated
  }
  const { reply, fault, label, groups, call: count } = choice
  exchange.rule = label
  exchange.fault ??= fault
  const failedByRule = failExchange(exchange, validation)
  if (failedByRule !== null) return failedByRule
  if (reply === null) return generated
  const template = { facts, groups, call: count, budget: { left: maxInsertedChars } }
  const made = createScriptedCompletion(reply, validation, { settings, template })
  if (!made.ok) {
    const message = `The scenario's ${label} cannot answer this request: ${made.message}`
    return { ok: false, error: { status: 400, message } }
  }
  return { ok: true, complete: () => made.completion, usage: findUsage(reply.usage, validation) }
}

/** A request that only warms the cache has no output, whatever the reply is. */
function findUsage(usage: ScriptedUsage | undefined, { request }: ValidRequest): ScriptedUsage | undefined {
  if (usage === undefined || request.max_tokens !== 0) return usage
  const { output_tokens: _output, output_tokens_details: _details, ...input } = usage
  return input
}

/** The error that the exchange's fault answers with; null: it has no fault, or one in the transport or in the stream. */
function failExchange(exchange: Exchange, validation: ValidRequest): ScriptedAnswer | null {
  const failure = exchange.fault && findFailure(exchange.fault, validation.request.stream === true)
  exchange.failure = failure
  return failure && { ok: false, error: toApiError(failure) }
}
