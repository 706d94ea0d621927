import { check, getEffectiveDay, readFacts } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { readBetas } from '@anthology/wire'
import type { ApiVersion, MessagesRequest } from '@anthology/wire'

import { decodeBody, parseText } from '../http/body.ts'
import { findModel } from '../api/served-models.ts'
import { createFileReader } from '../api/files/reader.ts'
import { readPrompt } from './prompt.ts'
import type { Prompt } from './prompt.ts'
import type { ApiError } from '../http/reply.ts'
import type { Call, Settings } from '../api/route.ts'
import { readMessagesBody } from './rules/body-reading.ts'
import { findRequestError } from './rules/request-rules.ts'
import { verifyThinking } from '../thinking/verification.ts'
import type { DroppedThinking } from '../thinking/verification.ts'
import { listUnsupported } from './unsupported.ts'

/** A body that the API would take, with the model it is for and the prompt it makes. */
export interface ValidRequest {
  readonly ok: true
  readonly request: MessagesRequest
  readonly model: Model
  readonly prompt: Prompt
  readonly betas: readonly string[]
  readonly apiVersion: ApiVersion
  /** The key that calls; null: the caller sent none. */
  readonly key: string | null
  /** The body is one request of a message batch. */
  readonly batch: boolean
  /** The day whose facts hold for this model. */
  readonly day: string
  /** Thinking that came back and that the model does not get to see. */
  readonly droppedThinking: readonly DroppedThinking[]
  readonly notices: readonly string[]
  /** Whether files of the key were looked for. */
  readonly readsFiles: boolean
}

export type Validation = ValidRequest | { readonly ok: false; readonly error: ApiError }

/** Takes in the body of a call in the order of the service: JSON, schema, model, the model's own rules. */
export function validate(call: Call, settings: Settings, countTokens: boolean): Validation {
  const { body, headers } = call.request
  const decoded = decodeBody(body, headers['content-type'])
  return decoded.ok ? validateText(decoded.text, call, settings, countTokens) : decoded
}

/** The same of a body that is a text already. */
export function validateText(text: string, call: Call, settings: Settings, countTokens: boolean): Validation {
  const { apiVersion, key, batch = false, platform } = call
  const { headers } = call.request
  const { lifecycle } = settings.servedModels
  const today = settings.servedModels.asOf()
  const body = parseText(text)
  if (!body.ok) return body
  const betas = readBetas(headers['anthropic-beta'])
  const read = readMessagesBody(body.value, { apiVersion, betas, countTokens, lifecycle, today })
  if (!read.ok) return read
  const { request } = read
  const model = findModel(request.model, settings.servedModels)
  if (!model) return reject(404, `model: ${request.model}`)

  const day = getEffectiveDay(model, lifecycle, today)
  const files = createFileReader(settings.files, key, settings.now())
  const verdict = verifyThinking({ request, model, betas }, settings.seed)
  const droppedThinking = verdict.ok ? verdict.dropped : []
  const prompt = readPrompt(request, model, settings.seed, {
    day,
    droppedThinking,
    openFile: (id) => files.openFile(id),
  })
  const facts = {
    ...readFacts(body.value, {}, { sized: false }),
    body_bytes: call.request.body?.length,
    api_version: apiVersion,
    betas,
    batch,
    // Counting is not bounded by the window: it is how a client finds out.
    input_tokens: countTokens ? undefined : prompt.inputTokens,
  }
  const findings = check(facts, model, { lifecycle, asOf: today, platform })
  const errors = findings.filter(({ severity }) => severity === 'error')
  const error =
    errors.find(({ code }) => !afterCounting.has(code)) ??
    findRequestError(request, { model, betas, day, today, hasFile: (id) => files.hasFile(id) }) ??
    (verdict.ok ? null : { status: 400, message: verdict.message }) ??
    errors[0]
  if (error) return { ok: false, error }
  const notices = [
    ...findings.map(({ message }) => message),
    ...(countTokens ? [] : listUnsupported(request)),
  ]
  const readsFiles = files.wasAsked()
  return {
    ok: true,
    request,
    model,
    prompt,
    betas,
    apiVersion,
    key,
    batch,
    day,
    droppedThinking,
    notices,
    readsFiles,
  }
}

/** What the service says only once it has counted the tokens, when nothing else is wrong. */
const afterCounting: ReadonlySet<string> = new Set(['prompt_too_long', 'context_exceeded'])

function reject(status: number, message: string): Extract<Validation, { ok: false }> {
  return { ok: false, error: { status, message } }
}
