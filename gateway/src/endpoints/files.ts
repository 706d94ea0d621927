import { refuseByHeaders, tooLarge } from '../http/body.ts'
import type { ClientRequest } from '../http/client-exchange.ts'
import type { Limits } from '../limits.ts'
import type { Route } from '../http/route.ts'
import type { UpstreamAccount } from '../routing/plan.ts'
import { type WholeAnswer, askUpstream } from '../upstreams/request.ts'
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

/** Serves `/v1/files` and what is below it. */
export async function serveFiles(
  visit: Visit,
  route: Extract<Route, { kind: 'files' | 'file' }>,
): Promise<void> {
  const { context } = visit
  switch (route.action) {
    case 'create':
      return createFile(visit)
    case 'list':
      return listOwn(visit, { kind: 'file', pathOf: filePath, print: (body) => body })
    case 'content': {
      const { item, account } = await findOwn(visit, 'file', route.id)
      return streamItem(visit, account, `${filePath(item.id)}/content`, null)
    }
    case 'retrieve': {
      const { item, account } = await findOwn(visit, 'file', route.id)
      const request = { method: 'GET', path: filePath(item.id), body: null } as const
      return sendWhole(visit, account, await askFor(visit, account, request, visit.gone))
    }
    case 'delete': {
      const { item, account } = await findOwn(visit, 'file', route.id)
      const answer = await askFor(visit, account, { method: 'DELETE', path: filePath(item.id), body: null })
      if (answer.status === 200) await context.ledger.change({ kind: 'deleted', id: item.id })
      return sendWhole(visit, account, answer)
    }
  }
}

async function createFile(visit: Visit): Promise<void> {
  const { context, key } = visit
  requireLedger(context)
  const account = chooseAccount(context.accounts)
  const answer = await upload(visit, account)
  if (answer.status < 300) {
    await record(visit, {
      id: readNewId(account, answer),
      kind: 'file',
      key_id: key.id,
      upstream: account.name,
      created_at_ms: context.nowMs(),
      settled_at_ms: null,
      models: {},
      betas: [],
    })
  }
  sendWhole(visit, account, answer)
}

/** Passes the file through as it comes; an upstream in this process gets it whole. */
async function upload(visit: Visit, account: UpstreamAccount): Promise<WholeAnswer> {
  const { context, request } = visit
  const expected = { contentType: 'multipart/form-data', limit: 'fileBytes' } as const
  const send = account.upstream.upload?.bind(account.upstream)
  if (send === undefined) {
    const held = await context.bodies.read(request, expected)
    try {
      return await askFor(visit, account, { method: 'POST', path: '/v1/files', body: held.bytes })
    } finally {
      held.release()
    }
  }
  refuseByHeaders(request, expected, context.limits)
  const length = request.headers['content-length']
  const streamed = {
    method: 'POST',
    path: `/v1/files${visit.query}`,
    headers: length === undefined ? visit.headers : { ...visit.headers, 'content-length': length },
    body: bytesOf(request, context.limits),
  } as const
  const limitBytes = context.limits.plainAnswerBytes
  return askUpstream(account, (receiver) => send(streamed, receiver), { limitBytes })
}

/** The request stays open when nobody reads on, so that its client can be told why. */
async function* bytesOf(request: ClientRequest, limits: Limits): AsyncGenerator<Uint8Array> {
  let size = 0
  // A request without an encoding gives buffers.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limits.fileBytes) throw tooLarge('fileBytes', limits)
    yield chunk
  }
}

function filePath(id: string): string {
  return `/v1/files/${id}`
}
