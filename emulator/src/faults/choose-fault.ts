import type { ApiError } from '../http/reply.ts'
import type { Route } from '../api/route.ts'
import type { Exchange } from '../scenario/exchange.ts'
import { parseFault } from '../scenario/parse-scenario.ts'
import { readRequestFacts } from '../scenario/request-facts.ts'
import type { Fault } from '../scenario/scenario.ts'
import type { Script } from '../scenario/script.ts'

export type ChosenFault =
  | { readonly ok: true; readonly fault: Fault | null }
  | { readonly ok: false; readonly error: ApiError }

/** The header with the fault of one request, as JSON. */
export const faultHeader = 'x-anthology-fault'

/**
 * Chooses the fault of a request before its endpoint reads it: the one in its header, else the next one-shot fault. For
 * endpoints that create no message, rules with `path` are asked too.
 */
export function chooseFault(route: Route, exchange: Exchange, script: Script): ChosenFault {
  const sent = exchange.request.headers[faultHeader]
  if (sent !== undefined) {
    const parsed = parseFault(sent)
    if (parsed.ok) return { ok: true, fault: parsed.value }
    return { ok: false, error: { status: 400, message: `${faultHeader}: ${parsed.message}` } }
  }
  const fault = script.takeFault()
  if (fault !== null || createsMessage(route)) return { ok: true, fault }
  const choice = script.choose(readRequestFacts(exchange, null))
  if (choice.kind === 'refuse') return { ok: false, error: { status: 400, message: choice.message } }
  if (choice.kind !== 'rule') return { ok: true, fault: null }
  exchange.rule = choice.label
  return { ok: true, fault: choice.fault }
}

/** Whether a request asks for a message; rules for such requests are tried when the message is known. */
export function createsMessage(route: Route): boolean {
  switch (route.kind) {
    case 'messages':
      return route.endpoint === 'create_message'
    case 'openai':
      return route.endpoint === 'create_chat_completion'
    case 'bedrock':
      return messageOperations.has(route.path.operation)
    case 'vertex':
      return route.path.model !== null
    case 'not_found':
    case 'wrong_method':
      return false
  }
}

const messageOperations: ReadonlySet<string> = new Set([
  'invoke',
  'invoke_stream',
  'converse',
  'converse_stream',
])
