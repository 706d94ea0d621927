import { applySplices, indexAnswer, parseMember, readBetas } from '@anthology/wire'

import type { BudgetHold } from '../budgets/budget-hold.ts'
import { readLabels } from '../budgets/labels.ts'
import { ApiError } from '../errors.ts'
import { holdBatch } from '../resources/hold-batch.ts'
import { askForBatch } from '../resources/new-batch.ts'
import { readBatchRequest } from '../resources/batch-request.ts'
import { chooseAccount } from '../resources/choose-account.ts'
import { findHolders } from '../resources/file-ids.ts'
import { logFields, createResultMeter } from '../resources/result-meter.ts'
import { batchPath, settleBatch } from '../resources/settle-batch.ts'
import type { Resource } from '../resources/resource.ts'
import type { Route } from '../http/route.ts'
import { nameAt } from '../upstreams/model-name.ts'
import type { UpstreamResponse } from '../upstreams/request.ts'
import { streamResource } from './resource-stream.ts'
import {
  requestOwned,
  findOwned,
  listOwned,
  readNewId,
  recordOwner,
  requireLedger,
  sendUpstreamResponse,
} from './owned-resource.ts'
import type { ResourceRequest } from './owned-resource.ts'

/** Serves `/v1/messages/batches` and all paths below it. */
export async function serveBatches(
  resourceRequest: ResourceRequest,
  route: Extract<Route, { kind: 'batches' | 'batch' }>,
): Promise<void> {
  switch (route.action) {
    case 'create':
      return createBatch(resourceRequest)
    case 'list':
      return listOwned(resourceRequest, {
        kind: 'batch',
        getPath: batchPath,
        print: (body) => pointHome(resourceRequest, body),
      })
    case 'results': {
      const { resource, account } = await findOwned(resourceRequest, 'batch', route.id)
      const meter = createResultMeter(resourceRequest.context, resource)
      return streamResource(resourceRequest, account, `${batchPath(resource.id)}/results`, meter)
    }
    case 'delete':
      return deleteBatch(resourceRequest, route.id)
    case 'retrieve':
    case 'cancel': {
      const { resource, account } = await findOwned(resourceRequest, 'batch', route.id)
      const cancels = route.action === 'cancel'
      const path = cancels ? `${batchPath(resource.id)}/cancel` : batchPath(resource.id)
      const request = { method: cancels ? 'POST' : 'GET', path, body: null } as const
      const answer = await requestOwned(resourceRequest, account, request)
      return sendUpstreamResponse(resourceRequest, account, answer, printBatch(resourceRequest, answer))
    }
  }
}

/**
 * Creates a batch in a single attempt on one account: a retry after a lost
 * response could run and bill it twice.
 */
async function createBatch(resourceRequest: ResourceRequest): Promise<void> {
  const { context, key, request } = resourceRequest
  const startedAtMs = context.nowMs()
  requireLedger(context)
  const held = await context.bodies.read(request, { limit: 'batchBodyBytes' })
  let hold: BudgetHold | null = null
  try {
    const betas = readBetas(resourceRequest.headers['anthropic-beta'])
    const { limits, resolveModel } = context
    const hasPrices = context.fallbackPrice !== null
    const source = { key, body: held.bytes, betas, startedAtMs, resolveModel, hasPrices }
    const batch = await readBatchRequest(source, limits)
    const account = chooseAccount(context, {
      kind: 'batch',
      key,
      models: batch.distinctModels,
      holders: await findHolders(context, key, held.bytes),
      seed: resourceRequest.id,
    })
    const labels = readLabels(request.headers, context.labels)
    hold = await holdBatch(context, {
      key,
      labels,
      startedAtMs,
      betas,
      account,
      body: held.bytes,
      requests: batch.requests,
    })
    const created: Omit<Resource, 'id' | 'kind'> = {
      key_id: key.id,
      workspace_id: key.workspaceId,
      member_id: key.memberId,
      labels,
      upstream: account.name,
      created_at_ms: startedAtMs,
      settled_at_ms: null,
      models: batch.models,
      betas,
      hold_nano_usd: hold?.heldNanoUsd ?? null,
      process_id: context.processId,
    }
    const send = async () => {
      // Not aborted if the client disconnects, so that a created batch is always recorded.
      const answer = await requestOwned(resourceRequest, account, {
        method: 'POST',
        path: '/v1/messages/batches',
        body: batch.nameModels((model) => nameAt(model, account)),
      })
      return { answer, id: answer.status < 300 ? readNewId(account, answer) : null }
    }
    const asked = await askForBatch(context, { requestId: resourceRequest.id, hold, batch: created }, send)
    const { answer, id } = asked.answer
    if (id === null) {
      await asked.refused()
      return sendUpstreamResponse(resourceRequest, account, answer)
    }
    const resource: Resource = { id, kind: 'batch', ...created }
    const recorded = recordOwner(resourceRequest, resource)
    asked.created(id)
    await recorded
    context.log({ ...logFields(resource), level: 'info', event: 'batch_created', call: resourceRequest.id })
    sendUpstreamResponse(resourceRequest, account, answer, printBatch(resourceRequest, answer))
  } finally {
    // Without effect if the batch was created, or may have been.
    hold?.release()
    held.release()
  }
}

/** Deleting a batch deletes its results, so it is settled first. */
async function deleteBatch(resourceRequest: ResourceRequest, id: string): Promise<void> {
  const { context } = resourceRequest
  const { resource, account } = await findOwned(resourceRequest, 'batch', id)
  const state = resource.settled_at_ms === null ? await settleBatch(context, resource) : 'settled'
  // Reject without calling the upstream: the batch could end in the meantime and be deleted with unread results.
  if (state === 'waiting')
    throw new ApiError(
      'bad_request',
      `Message batch ${resource.id} is in progress; cancel it before deleting it`,
    )
  const answer = await requestOwned(resourceRequest, account, {
    method: 'DELETE',
    path: batchPath(resource.id),
    body: null,
  })
  if (answer.status === 200) await context.ledger.change({ kind: 'deleted', id: resource.id })
  sendUpstreamResponse(resourceRequest, account, answer)
}

function printBatch(resourceRequest: ResourceRequest, { status, body }: UpstreamResponse): Uint8Array {
  return status === 200 ? pointHome(resourceRequest, body) : body
}

/** Points `results_url` to the gateway, because clients send their key to it. All other bytes are unchanged. */
function pointHome({ request, origin }: ResourceRequest, body: Uint8Array): Uint8Array {
  const index = indexAnswer(body, new Set(['id', 'results_url']))
  if (!index.ok)
    throw new ApiError('answer_unreadable', `the upstream's response is not a batch: ${index.message}`)
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
