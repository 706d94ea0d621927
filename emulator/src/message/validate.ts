import { check, getEffectiveDay, readFacts } from '@anthology/catalog'
import { findSystemEntryProblem, formatProblem, readBetas } from '@anthology/wire'

import { parseBody } from '../http/body.ts'
import { findModel } from '../api/served-models.ts'
import { createFileReader } from '../api/files/reader.ts'
import { mediaReader } from '../media/media-reader.ts'
import { readPrompt } from './prompt.ts'
import type { ApiError } from '../http/reply.ts'
import type { Call } from '../call.ts'
import type { Settings } from '../settings.ts'
import { readMessagesBody } from './rules/body-reading.ts'
import { findMissingFile } from './rules/missing-file.ts'
import { verifyThinking } from '../thinking/verification.ts'
import { listUnsupported } from './unsupported.ts'
import type { ValidRequest } from './valid-request.ts'

export type Validation = ValidRequest | { readonly ok: false; readonly error: ApiError }

/** Takes in the body of a call in the order of the service: JSON, schema, model, the model's own rules. */
export function validate(call: Call, settings: Settings, countTokens: boolean): Validation {
  const { apiVersion, key, batch = false, platform = 'anthropic' } = call
  const { headers } = call.request
  const { lifecycle } = settings.servedModels
  const today = settings.servedModels.asOf()
  const body = parseBody(call.request.body, headers['content-type'])
  if (!body.ok) return body
  const betas = readBetas(headers['anthropic-beta'])
  const where = { lifecycle, asOf: today, platform, unknownBetas: 'refused' } as const
  const read = readMessagesBody(body.value, { apiVersion, betas, countTokens, where })
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
  const entryProblem = findSystemEntryProblem(request.messages)
  const facts = {
    ...readFacts(body.value, {}, { sized: false, media: mediaReader }),
    system_entry_problem: entryProblem ? formatProblem(entryProblem) : undefined,
    body_bytes: call.request.body?.length,
    api_version: apiVersion,
    betas,
    batch,
    // Counting is not bounded by the window: it is how a client finds out.
    input_tokens: countTokens ? undefined : prompt.inputTokens,
  }
  const findings = check(facts, model, where)
  const errors = findings.filter(({ severity }) => severity === 'error')
  const error =
    errors.find(({ code }) => !afterCounting.has(code)) ??
    findMissingFile(request.messages, (id) => files.hasFile(id)) ??
    (verdict.ok ? null : { status: 400, message: verdict.message }) ??
    errors[0]
  if (error) return { ok: false, error }
  const notices = [
    ...findings.map(({ message }) => message),
    ...(countTokens ? [] : listUnsupported(request)),
  ]
  return { ok: true, request, model, prompt, betas, apiVersion, key, batch, day, droppedThinking, notices }
}

/** What the service says only once it has counted the tokens, when nothing else is wrong. */
const afterCounting: ReadonlySet<string> = new Set(['prompt_too_long', 'context_exceeded'])

function reject(status: number, message: string): Extract<Validation, { ok: false }> {
  return { ok: false, error: { status, message } }
}
