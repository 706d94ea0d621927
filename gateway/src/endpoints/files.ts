import { checkBodyHeaders, tooLarge } from '../http/body.ts'
import type { ClientRequest } from '../http/client-exchange.ts'
import type { Limits } from '../limits.ts'
import type { Route } from '../http/route.ts'
import { chooseAccount } from '../resources/choose-account.ts'
import type { UpstreamAccount } from '../upstreams/account.ts'
import { requestUpstream } from '../upstreams/request.ts'
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

/** Serves `/v1/files` and all paths below it. */
export async function serveFiles(
  resourceRequest: ResourceRequest,
  route: Extract<Route, { kind: 'files' | 'file' }>,
): Promise<void> {
  const { context } = resourceRequest
  switch (route.action) {
    case 'create':
      return createFile(resourceRequest)
    case 'list':
      return listOwned(resourceRequest, { kind: 'file', getPath: filePath, print: (body) => body })
    case 'content': {
      const { resource, account } = await findOwned(resourceRequest, 'file', route.id)
      return streamResource(resourceRequest, account, `${filePath(resource.id)}/content`, null)
    }
    case 'retrieve': {
      const { resource, account } = await findOwned(resourceRequest, 'file', route.id)
      const request = { method: 'GET', path: filePath(resource.id), body: null } as const
      return sendUpstreamResponse(
        resourceRequest,
        account,
        await requestOwned(resourceRequest, account, request, resourceRequest.clientClosed),
      )
    }
    case 'delete': {
      const { resource, account } = await findOwned(resourceRequest, 'file', route.id)
      const answer = await requestOwned(resourceRequest, account, {
        method: 'DELETE',
        path: filePath(resource.id),
        body: null,
      })
      if (answer.status === 200) await context.ledger.change({ kind: 'deleted', id: resource.id })
      return sendUpstreamResponse(resourceRequest, account, answer)
    }
  }
}

async function createFile(resourceRequest: ResourceRequest): Promise<void> {
  const { context, key } = resourceRequest
  requireLedger(context)
  // The files of a key are stored together, because a request can name only files of one upstream.
  const account = chooseAccount(context, { kind: 'file', key, models: [], holders: null, seed: key.id })
  const answer = await upload(resourceRequest, account)
  if (answer.status < 300) {
    await recordOwner(resourceRequest, {
      id: readNewId(account, answer),
      kind: 'file',
      key_id: key.id,
      workspace_id: key.workspaceId,
      member_id: key.memberId,
      labels: null,
      upstream: account.name,
      created_at_ms: context.nowMs(),
      settled_at_ms: null,
      models: {},
      betas: [],
      hold_nano_usd: null,
      process_id: null,
    })
  }
  sendUpstreamResponse(resourceRequest, account, answer)
}

/** Streams the file to the upstream; an upstream in this process receives it as one body. */
async function upload(resourceRequest: ResourceRequest, account: UpstreamAccount): Promise<UpstreamResponse> {
  const { context, request } = resourceRequest
  const expected = { contentType: 'multipart/form-data', limit: 'fileBytes' } as const
  const send = account.upstream.upload?.bind(account.upstream)
  if (send === undefined) {
    const held = await context.bodies.read(request, expected)
    try {
      return await requestOwned(resourceRequest, account, {
        method: 'POST',
        path: '/v1/files',
        body: held.bytes,
      })
    } finally {
      held.release()
    }
  }
  checkBodyHeaders(request, expected, context.limits)
  const length = request.headers['content-length']
  const streamed = {
    method: 'POST',
    path: `/v1/files${resourceRequest.query}`,
    headers:
      length === undefined
        ? resourceRequest.headers
        : { ...resourceRequest.headers, 'content-length': length },
    body: toBytes(request, context.limits),
  } as const
  const limitBytes = context.limits.plainAnswerBytes
  resourceRequest.progress.isSent = true
  return requestUpstream(account, (receiver) => send(streamed, receiver), { limitBytes })
}

/** Keeps the request open when iteration stops early, so that an error can still be sent. */
async function* toBytes(request: ClientRequest, limits: Limits): AsyncGenerator<Uint8Array> {
  let size = 0
  // A request without an encoding returns buffers.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > limits.fileBytes) throw tooLarge('fileBytes', limits)
    yield chunk
  }
}

function filePath(id: string): string {
  return `/v1/files/${id}`
}
