import { check } from '@anthology/catalog'
import type { Model, RequestFacts } from '@anthology/catalog'
import { formatProblem, parseMessagesRequest } from '@anthology/wire'
import type { MessagesRequest } from '@anthology/wire'

import { readBetas } from './admission.ts'
import { parseBody } from './body.ts'
import { findModel } from './family.ts'
import { readPrompt } from './prompt.ts'
import type { Prompt } from './prompt.ts'
import type { Refusal } from './reply.ts'
import type { Call, Settings } from './routes.ts'
import { listUnacted } from './unacted.ts'

/** A body that the API would take, with the model it is for and the prompt it makes. */
export type Intake =
  | {
      readonly ok: true
      readonly request: MessagesRequest
      readonly model: Model
      readonly prompt: Prompt
      readonly betas: readonly string[]
      readonly notices: readonly string[]
    }
  | { readonly ok: false; readonly refusal: Refusal }

/** Takes in the body of a call in the order of the service: JSON, schema, model, the model's own rules. */
export function takeIn(call: Call, { family, seed }: Settings, countTokens: boolean): Intake {
  const { headers } = call.request
  const body = parseBody(call.request.body, headers['content-type'])
  if (!body.ok) return body
  const parsed = parseMessagesRequest(body.value, { apiVersion: call.apiVersion, countTokens })
  if (!parsed.ok) return refuse(400, formatProblem(parsed.problem))
  const { request } = parsed
  const model = findModel(request.model, family)
  if (!model) return refuse(404, `model: ${request.model}`)

  const prompt = readPrompt(request, model, seed)
  const betas = readBetas(headers)
  const facts = factsOf(request, { api_version: call.apiVersion, betas })
  // Counting is not bounded by the window: it is how a client finds out.
  const measured = countTokens ? facts : { ...facts, input_tokens: prompt.inputTokens }
  const findings = check(measured, model, { lifecycle: family.lifecycle, asOf: family.asOf() })
  const error = findings.find(({ severity }) => severity === 'error')
  if (error) return refuse(error.status, error.message)
  const notices = [...findings.map(({ message }) => message), ...(countTokens ? [] : listUnacted(request))]
  return { ok: true, request, model, prompt, betas, notices }
}

function factsOf(request: MessagesRequest, { api_version, betas }: RequestFacts): RequestFacts {
  const { thinking, messages } = request
  const last = messages.at(-1)
  const blocks = typeof last?.content === 'string' ? [] : (last?.content ?? [])
  const opensThinking = blocks[0]?.type === 'thinking' || blocks[0]?.type === 'redacted_thinking'
  return {
    max_tokens: request.max_tokens,
    temperature: request.temperature,
    top_p: request.top_p,
    top_k: request.top_k,
    thinking_type: thinking?.type,
    budget_tokens: thinking?.type === 'enabled' ? thinking.budget_tokens : undefined,
    has_tools: (request.tools ?? []).length > 0,
    tool_choice_type: request.tool_choice?.type,
    betas,
    api_version,
    stream: request.stream,
    prefill: last?.role === 'assistant' && !opensThinking,
    last_message_index: messages.length - 1,
  }
}

function refuse(status: number, message: string): Extract<Intake, { ok: false }> {
  return { ok: false, refusal: { status, message } }
}
