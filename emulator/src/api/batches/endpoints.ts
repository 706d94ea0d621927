import { formatProblem, pageModels, parseBatchRequest } from '@anthology/wire'
import type { BatchCounts, MessageBatch } from '@anthology/wire'

import { createHeaders, jsonReply, errorReply } from '../../http/reply.ts'
import type { Frame, Reply } from '../../http/reply.ts'
import type { Call } from '../../call.ts'
import type { Settings } from '../../options/settings.ts'
import type { Steps } from '../../steps.ts'
import { readBatchBody } from './batch-body.ts'
import { runItem } from './batch-item.ts'
import { resultsLifetimeMs, cancel, lifetimeMs, advanceBatch } from './batch-progress.ts'
import type { Pace } from './batch-progress.ts'
import type { Outcome, StoredBatch } from './batch-store.ts'

export function* createBatch(call: Call, { ids, batches, now }: Settings): Steps<Reply> {
  const { headers, body: bytes } = call.request
  const body = yield* readBatchBody(bytes, headers['content-type'])
  if (!body.ok) return errorReply(body.error, call.head)
  yield
  const parsed = parseBatchRequest(body.value)
  if (!parsed.ok) return errorReply({ status: 400, message: formatProblem(parsed.problem) }, call.head)
  const { requests } = parsed.request
  const batch: StoredBatch = {
    id: ids.nextBatchId(),
    createdMs: now(),
    call: { ...call, request: { ...call.request, body: null } },
    total: requests.length,
    requests,
    ran: 0,
    outcomes: [],
    heldBytes: bytes?.length ?? 0,
    cancelInitiatedMs: null,
    endedMs: null,
  }
  batches.add(batch)
  return jsonReply(describe(batch, call, now()), call.head)
}

export function* retrieveBatch(call: Call, settings: Settings): Steps<Reply> {
  const batch = find(call, settings)
  if (!batch) return unknownBatch(call)
  yield* advanceBatch(batch, getPace(batch, settings))
  return jsonReply(describe(batch, call, settings.now()), call.head)
}

/** Lists the batches newest first, with the same paging as models. */
export function* listBatches(call: Call, settings: Settings): Steps<Reply> {
  const { query, head, key } = call
  const paged = pageModels(
    settings.batches.list(key),
    {
      limit: query.get('limit') ?? undefined,
      after_id: query.get('after_id') ?? undefined,
      before_id: query.get('before_id') ?? undefined,
    },
    'batch',
  )
  if (!paged.ok) return errorReply({ status: 400, message: paged.message }, head)
  const data: MessageBatch[] = []
  for (const batch of paged.page.data) {
    yield* advanceBatch(batch, getPace(batch, settings))
    data.push(describe(batch, call, settings.now()))
  }
  return jsonReply({ ...paged.page, data }, head)
}

export function* cancelBatch(call: Call, settings: Settings): Steps<Reply> {
  const batch = find(call, settings)
  if (!batch) return unknownBatch(call)
  yield* cancel(batch, getPace(batch, settings))
  if (batch.endedMs === null) return jsonReply(describe(batch, call, settings.now()), call.head)
  return reject(call, 400, `Message batch ${batch.id} has ended and cannot be canceled`)
}

export function* deleteBatch(call: Call, settings: Settings): Steps<Reply> {
  const batch = find(call, settings)
  if (!batch) return unknownBatch(call)
  yield* advanceBatch(batch, getPace(batch, settings))
  if (batch.endedMs === null)
    return reject(call, 400, `Message batch ${batch.id} is in progress; cancel it before you delete it`)
  settings.batches.remove(batch)
  return jsonReply({ id: batch.id, type: 'message_batch_deleted' }, call.head)
}

export function* batchResults(call: Call, settings: Settings): Steps<Reply> {
  const batch = find(call, settings)
  if (!batch) return unknownBatch(call)
  yield* advanceBatch(batch, getPace(batch, settings))
  if (batch.endedMs === null)
    return reject(call, 404, `Message batch ${batch.id} has not ended; it has no results yet`)
  if (getArchivedMs(batch, settings.now()) !== null)
    return reject(call, 404, `The results of message batch ${batch.id} are no longer available`)
  const headers = createHeaders(call.head, 'application/x-jsonl')
  return { status: 200, headers, frames: iterateLines(batch.outcomes) }
}

function find({ name, key }: Call, { batches }: Settings): StoredBatch | null {
  return batches.find(name, key)
}

function getPace({ call }: StoredBatch, settings: Settings): Pace {
  const { durationMs } = settings.batches
  return { nowMs: settings.now(), durationMs, run: (item) => runItem(item, call, settings) }
}

/** The API's texts for the errors of this file are not published; these are ours. */
function unknownBatch(call: Call): Reply {
  return reject(call, 404, `Message batch ${call.name.slice(0, 256)} not found`)
}

function reject({ head }: Call, status: number, message: string): Reply {
  return errorReply({ status, message }, head)
}

function* iterateLines(outcomes: readonly Outcome[]): Generator<Frame, void> {
  for (const { line } of outcomes) yield { bytes: utf8.encode(`${line}\n`), tokens: 0 }
}

const utf8 = new TextEncoder()

function describe(batch: StoredBatch, call: Call, nowMs: number): MessageBatch {
  const { id, createdMs, cancelInitiatedMs, endedMs } = batch
  const running = cancelInitiatedMs === null ? 'in_progress' : 'canceling'
  return {
    id,
    type: 'message_batch',
    processing_status: endedMs === null ? running : 'ended',
    request_counts: countResults(batch),
    ended_at: formatTime(endedMs),
    created_at: formatIso(createdMs),
    expires_at: formatIso(createdMs + lifetimeMs),
    archived_at: formatTime(getArchivedMs(batch, nowMs)),
    cancel_initiated_at: formatTime(cancelInitiatedMs),
    results_url: endedMs === null ? null : `${getBase(call)}/${id}/results`,
  }
}

function countResults({ endedMs, total, outcomes }: StoredBatch): BatchCounts {
  const counts = { processing: 0, succeeded: 0, errored: 0, canceled: 0, expired: 0 }
  if (endedMs === null) return { ...counts, processing: total }
  for (const { kind } of outcomes) counts[kind] += 1
  return counts
}

function getArchivedMs({ createdMs }: StoredBatch, nowMs: number): number | null {
  return nowMs >= createdMs + resultsLifetimeMs ? createdMs + resultsLifetimeMs : null
}

/** The URL of the list as the caller requested it, including any path prefix. */
function getBase({ request: { origin, headers, path } }: Call): string {
  const host = headers['host']
  const scheme = headers['x-forwarded-proto'] === 'https' ? 'https' : 'http'
  const root = origin ?? (host === undefined ? 'https://api.anthropic.com' : `${scheme}://${host}`)
  return root + (/^.*\/v1\/messages\/batches/.exec(path)?.[0] ?? '')
}

function formatTime(ms: number | null): string | null {
  return ms === null ? null : formatIso(ms)
}

function formatIso(ms: number): string {
  return new Date(ms).toISOString()
}
