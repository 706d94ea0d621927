import { applySplices, indexBody, parseMember } from '@anthology/wire'

import { readBetas } from '../calls/call.ts'
import { Refusal } from '../errors.ts'
import { readBatchRequest } from '../resources/batch-request.ts'
import { accountsForFiles } from '../resources/file-ids.ts'
import { about, createResultMeter } from '../resources/result-meter.ts'
import { batchPath, settleBatch } from '../resources/settle-batch.ts'
import type { Item } from '../store/sqlite/resource-table.ts'
import type { Route } from '../http/route.ts'
import type { WholeAnswer } from '../upstreams/request.ts'
import { streamItem } from './resource-stream.ts'
import {
  type Visit,
  askFor,
  chooseAccount,
  findOwn,
  listOwn,
  readNewId,
  record,
  requireLedger,
  sendWhole,
} from './owned-resource.ts'

/** Serves `/v1/messages/batches` and what is below it. */
export async function serveBatches(
  visit: Visit,
  route: Extract<Route, { kind: 'batches' | 'batch' }>,
): Promise<void> {
  switch (route.action) {
    case 'create':
      return createBatch(visit)
    case 'list':
      return listOwn(visit, { kind: 'batch', pathOf: batchPath, print: (body) => pointHome(visit, body) })
    case 'results': {
      const { item, account } = await findOwn(visit, 'batch', route.id)
      const meter = createResultMeter(visit.context, item)
      return streamItem(visit, account, `${batchPath(item.id)}/results`, meter)
    }
    case 'delete':
      return deleteBatch(visit, route.id)
    case 'retrieve':
    case 'cancel': {
      const { item, account } = await findOwn(visit, 'batch', route.id)
      const cancels = route.action === 'cancel'
      const path = cancels ? `${batchPath(item.id)}/cancel` : batchPath(item.id)
      const request = { method: cancels ? 'POST' : 'GET', path, body: null } as const
      const answer = await askFor(visit, account, request)
      return sendWhole(visit, account, answer, printBatch(visit, answer))
    }
  }
}

/**
 * A batch is made on one account, with one try: a second one, after an answer
 * that was lost, could run and bill it twice.
 */
async function createBatch(visit: Visit): Promise<void> {
  const { context, key, request } = visit
  const startedAtMs = context.nowMs()
  requireLedger(context)
  const held = await context.bodies.read(request, { limit: 'batchBodyBytes' })
  try {
    const betas = readBetas(visit.headers['anthropic-beta'])
    const batch = await readBatchRequest({ key, body: held.bytes, betas, startedAtMs }, context.limits)
    const account = chooseAccount(await accountsForFiles(context, key, held.bytes))
    // A client that goes away now does not stop it: whatever the upstream makes is written down.
    const answer = await askFor(visit, account, {
      method: 'POST',
      path: '/v1/messages/batches',
      body: batch.body,
    })
    if (answer.status >= 300) return sendWhole(visit, account, answer)
    const item: Item = {
      id: readNewId(account, answer),
      kind: 'batch',
      key_id: key.id,
      upstream: account.name,
      created_at_ms: startedAtMs,
      settled_at_ms: null,
      models: batch.models,
      betas,
    }
    await record(visit, item)
    context.log({ ...about(item), level: 'info', event: 'batch_created', call: visit.id })
    sendWhole(visit, account, answer, printBatch(visit, answer))
  } finally {
    held.release()
  }
}

/** A batch that is deleted takes its results along, so they are read before. */
async function deleteBatch(visit: Visit, id: string): Promise<void> {
  const { context } = visit
  const { item, account } = await findOwn(visit, 'batch', id)
  const settling = item.settled_at_ms === null ? await settleBatch(context, item) : 'settled'
  // Were the upstream asked, the batch could end meanwhile, and go with results that nobody has read.
  if (settling === 'waiting')
    throw new Refusal(
      'bad_request',
      `Message batch ${item.id} is in progress; cancel it before you delete it`,
    )
  const answer = await askFor(visit, account, { method: 'DELETE', path: batchPath(item.id), body: null })
  if (answer.status === 200) await context.ledger.change({ kind: 'deleted', id: item.id })
  sendWhole(visit, account, answer)
}

function printBatch(visit: Visit, { status, body }: WholeAnswer): Uint8Array {
  return status === 200 ? pointHome(visit, body) : body
}

/** Points `results_url` to us: a client sends its key wherever that leads. Every other byte stays. */
function pointHome({ request, origin }: Visit, body: Uint8Array): Uint8Array {
  const index = indexBody(body, new Set(['id', 'results_url']))
  if (!index.ok) throw new Refusal('answer_unreadable', `the upstream sent no batch: ${index.message}`)
  const [id, url] = ['id', 'results_url'].map((name) => {
    const member = index.get(name)
    return member === undefined ? null : parseMember(body, member)
  })
  if (typeof url !== 'string' || typeof id !== 'string') return body
  const path = (request.url ?? '').split('?')[0] ?? ''
  const prefix = path.slice(0, path.lastIndexOf('/v1/messages/batches'))
  const value = `${origin}${prefix}${batchPath(id)}/results`
  return applySplices(body, index, [{ splice: 'results_url', kind: 'replace', member: 'results_url', value }])
}
