import { indexAnswer, parseMember } from '@anthology/wire'
import type { Receiver } from '@anthology/wire'

import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { Resource } from './resource.ts'
import type { UpstreamAccount } from '../upstreams/account.ts'
import { requestUpstream, createCollector, startExchange } from '../upstreams/request.ts'
import type { AnswerReader } from '../upstreams/request.ts'
import { settleBatchMoney } from './settle-batch-money.ts'
import { logFields, createResultMeter } from './result-meter.ts'
import { createLostRow } from './result-row.ts'

/** `closed`: the results are no longer available; `waiting`: there are no results yet. */
export type SettleState = 'settled' | 'closed' | 'waiting'

/** Fetches the state of an unsettled batch and, if it has ended, reads its results into the ledger. Rejects if the upstream or the ledger fails. */
export async function settleBatch(
  context: Context,
  batch: Resource,
  signal?: AbortSignal,
): Promise<SettleState> {
  const account = context.accounts.find(({ name }) => name === batch.upstream)
  if (account === undefined)
    throw new ApiError('upstream_unreachable', `upstream '${batch.upstream}' is no longer configured`)
  const path = batchPath(batch.id)
  const request = { method: 'GET', path, headers, body: null } as const
  const { status, body } = await requestUpstream(account, request, {
    limitBytes: context.limits.plainAnswerBytes,
    signal,
  })
  if (status === 404) return close(context, batch, 'the upstream no longer has it')
  if (status !== 200)
    throw new ApiError('upstream_broke_off', `upstream '${account.name}' answered ${status}`)
  const index = indexAnswer(body, statusMembers)
  const read = (name: string) => {
    const member = index.ok ? index.get(name) : undefined
    return member === undefined ? null : parseMember(body, member)
  }
  if (typeof read('archived_at') === 'string') return close(context, batch, 'its results are archived')
  if (read('processing_status') !== 'ended') return 'waiting'
  return readResults(context, { batch, account, signal })
}

export function batchPath(id: string): string {
  return `/v1/messages/batches/${id}`
}

const statusMembers: ReadonlySet<string> = new Set(['processing_status', 'archived_at'])
const headers = { 'anthropic-version': '2023-06-01' }

interface Reading {
  readonly batch: Resource
  readonly account: UpstreamAccount
  readonly signal: AbortSignal | undefined
}

async function readResults(context: Context, { batch, account, signal }: Reading): Promise<SettleState> {
  const meter = createResultMeter(context, batch)
  const limitBytes = context.limits.plainAnswerBytes
  const errorBody = createCollector(account, limitBytes)
  const request = { method: 'GET', path: `${batchPath(batch.id)}/results`, headers, body: null } as const
  let status = 0
  const reader: AnswerReader = {
    head: (given) => void (status = given),
    chunk(bytes) {
      if (status === 200) return meter.take(bytes)
      errorBody.take(bytes)
      return true
    },
  }
  const send = (receiver: Receiver) => account.upstream.send(request, receiver)
  const exchange = startExchange(account, send, reader, limitBytes)
  const abort = () => exchange.abort()
  if (signal?.aborted === true) abort()
  signal?.addEventListener('abort', abort)
  meter.onReady(() => exchange.resume())
  try {
    await exchange.done
  } finally {
    signal?.removeEventListener('abort', abort)
  }
  if (status !== 200)
    throw new ApiError('upstream_broke_off', `upstream '${account.name}' answered ${status} for the results`)
  if (!(await meter.finish()))
    throw new ApiError('ledger_unavailable', 'the ledger did not record the results of the batch in time')
  return 'settled'
}

/** Results that were not read by now are lost. Nobody knows what they cost, so a batch with a hold counts with it. */
async function close(context: Context, batch: Resource, because: string): Promise<SettleState> {
  context.log({ ...logFields(batch), level: 'warn', event: 'batch_closed', because })
  if (batch.hold_nano_usd !== null) await context.ledger.write(createLostRow(batch))
  await context.ledger.change({ kind: 'settled', id: batch.id, atMs: context.nowMs() })
  await settleBatchMoney(context, batch)
  return 'closed'
}
