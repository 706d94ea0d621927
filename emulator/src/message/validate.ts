import { check, getEffectiveDay, readFacts, requestWideWindow } from '@anthology/catalog'
import type { Finding } from '@anthology/catalog'
import { findSystemEntryProblem, formatProblem, readBetas } from '@anthology/wire'
import type { MessagesRequest } from '@anthology/wire'

import { parseBody } from '../http/body.ts'
import { findNamedModel, toUnknownModelError } from '../api/served-models.ts'
import { createFileReader } from '../api/files/reader.ts'
import type { FileReader } from '../api/files/reader.ts'
import { mediaReader } from '../media/media-reader.ts'
import { readPrompt } from './prompt.ts'
import type { ApiError } from '../http/reply.ts'
import type { Call } from '../call.ts'
import type { Settings } from '../options/settings.ts'
import type { Steps } from '../steps.ts'
import { readMessagesBody } from './rules/body-reading.ts'
import { findFileProblem } from './rules/file-problem.ts'
import { verifyThinking } from '../thinking/verification.ts'
import type { ThinkingCheck } from '../thinking/verification.ts'
import { listUnsupported } from './unsupported.ts'
import type { ValidRequest } from './valid-request.ts'

export type Validation = ValidRequest | { readonly ok: false; readonly error: ApiError }

/** Validates the body of a call in the API's order: JSON, schema, model, the model's own rules. */
export function* validate(call: Call, settings: Settings, countTokens: boolean): Steps<Validation> {
  const { apiVersion, key, batch = false, platform = 'anthropic', hosting } = call
  const { headers } = call.request
  const { lifecycle } = settings.servedModels
  const today = settings.servedModels.asOf()
  const body = yield* parseBody(call.request.body, headers['content-type'])
  if (!body.ok) return body
  const sentBetas = readBetas(headers['anthropic-beta'])
  const checkOptions = { lifecycle, asOf: today, platform, hosting, unknownBetas: 'refused' } as const
  yield
  const read = readMessagesBody(body.value, {
    apiVersion,
    betas: sentBetas,
    countTokens,
    where: checkOptions,
  })
  if (!read.ok) return read
  const { request } = read
  const named = findNamedModel(request.model, settings.servedModels)
  if (!named.ok) return { ok: false, error: toUnknownModelError(request.model, named.hint) }
  const { model, window = call.window } = named

  const day = getEffectiveDay(model, lifecycle, today)
  const wide = window === undefined ? null : requestWideWindow(model, day, sentBetas)
  const betas = wide?.betas ?? sentBetas
  yield
  const files = createFileReader(settings.files, key, settings.now())
  const thinking = verifyThinking({ request, model, betas }, settings.seed)
  const droppedThinking = thinking.ok ? thinking.dropped : []
  yield
  const prompt = yield* readPrompt(request, model, settings.seed, {
    day,
    droppedThinking,
    openFile: (id) => files.openFile(id),
  })
  yield
  const entryProblem = findSystemEntryProblem(request.messages)
  const facts = {
    ...readFacts(body.value, {}, { sized: false, media: mediaReader }),
    system_entry_problem: entryProblem ? formatProblem(entryProblem) : undefined,
    body_bytes: call.request.body?.length,
    api_version: apiVersion,
    betas,
    batch,
    // Counting is not limited by the context window: clients use it to find the size of a prompt.
    input_tokens: countTokens ? undefined : prompt.inputTokens,
  }
  yield
  const findings = check(facts, model, checkOptions)
  const error = findError({ findings, request, files, thinking })
  if (error !== undefined) return { ok: false, error }
  const notices = [
    ...[named.notice, wide?.notice].filter((notice) => typeof notice === 'string'),
    ...findings.map(({ message }) => message),
    ...(countTokens ? [] : listUnsupported(request)),
  ]
  return { ok: true, request, model, prompt, betas, apiVersion, key, batch, day, droppedThinking, notices }
}

interface Checked {
  readonly findings: readonly Finding[]
  readonly request: MessagesRequest
  readonly files: FileReader
  readonly thinking: ThinkingCheck
}

/** Finds the error that the API returns first: of the model's rules, of a file, of returned thinking, of the size. */
function findError({ findings, request, files, thinking }: Checked): ApiError | undefined {
  const errors = findings.filter(({ severity }) => severity === 'error')
  return (
    errors.find(({ code }) => !afterCounting.has(code)) ??
    findFileProblem(request.messages, files) ??
    (thinking.ok ? errors[0] : { status: 400, message: thinking.message })
  )
}

/** Errors that the API returns only after it has counted the tokens, if there is no other error. */
const afterCounting: ReadonlySet<string> = new Set(['prompt_too_long', 'context_exceeded'])
