import {
  defaultPageSize,
  indexAnswer,
  maxPageSize,
  pageFiles,
  pageModels,
  parseMember,
  readBetas,
} from '@anthology/wire'
import type { FilesPage, ModelsPage, UpstreamRequest } from '@anthology/wire'

import { authenticateKey, authorizeProtocol } from '../auth/authenticate.ts'
import { betaQuery, readVersion } from '../protocols/messages.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { headerText, noticeHeader, pickRequestHeaders, pickResponseHeaders } from '../http/headers.ts'
import type { ClientExchange, ClientRequest, ClientResponse } from '../http/client-exchange.ts'
import type { Key } from '../auth/key-ring.ts'
import type { ListStart, Resource, ResourceQuery } from '../resources/resource.ts'
import type { UpstreamAccount } from '../upstreams/account.ts'
import { sendBytes } from '../http/respond.ts'
import { requestUpstream } from '../upstreams/request.ts'
import type { UpstreamResponse } from '../upstreams/request.ts'

/** An authenticated request for resources that the upstreams store: batches or files. */
export interface ResourceRequest {
  readonly context: Context
  readonly id: string
  readonly key: Key
  readonly request: ClientRequest
  readonly response: ClientResponse
  readonly headers: Readonly<Record<string, string>>
  /** `?beta=true` or empty. */
  readonly query: string
  /** The gateway's origin as the client sees it, such as `https://claude.example`. */
  readonly origin: string
  /** Aborted when the client disconnects before its response is complete. */
  readonly clientClosed: AbortSignal
  readonly progress: ResourceProgress
}

interface ResourceProgress {
  /** True once the request was sent to an upstream. */
  isSent: boolean
}

/**
 * Serves a request for batches or files: requires a key, a version, and a gateway that is not shutting down. A request
 * that is rejected before it was sent to an upstream counts as a rejected call of its key.
 */
export async function serveOwned(
  context: Context,
  exchange: ClientExchange,
  serve: (resourceRequest: ResourceRequest) => Promise<void>,
): Promise<void> {
  if (context.draining()) throw new ApiError('shutting_down', 'the gateway is shutting down')
  const key = authenticateKey(exchange.request, context)
  authorizeProtocol(key, 'messages')
  const progress = { isSent: false }
  try {
    await serve(openResourceRequest(context, exchange, { key, progress }))
  } catch (error) {
    if (error instanceof ApiError && !progress.isSent)
      context.ledger.countRejection(key.id, error.code, context.nowMs())
    throw error
  }
}

function openResourceRequest(
  context: Context,
  { id, request, response }: ClientExchange,
  { key, progress }: Pick<ResourceRequest, 'key' | 'progress'>,
): ResourceRequest {
  readVersion(request.headers)
  const leaving = new AbortController()
  // A download has no place for an error event, so the connection of a revoked key is cut.
  const unwatchKey = context.ring.watch(key.id, () => response.destroy())
  response.once('close', () => {
    unwatchKey()
    if (!response.writableFinished) leaving.abort()
  })
  return {
    context,
    id,
    key,
    request,
    response,
    headers: pickRequestHeaders(request.headers),
    query: betaQuery(request.url ?? ''),
    origin: getOrigin(request),
    clientClosed: leaving.signal,
    progress,
  }
}

/** The client sends its key to URLs we return, so a request over TLS must get an https origin. */
function getOrigin({ headers, socket }: ClientRequest): string {
  const isEncrypted = 'encrypted' in socket || headers['x-forwarded-proto'] === 'https'
  return `${isEncrypted ? 'https' : 'http'}://${headers.host ?? 'localhost'}`
}

/** Finds a resource and its account; throws not found unless the key owns it. */
export async function findOwned(
  { context, key }: ResourceRequest,
  kind: Resource['kind'],
  id: string,
): Promise<{ resource: Resource; account: UpstreamAccount }> {
  const effect = `${id.slice(0, 256)} cannot be looked up`
  const [resource] = await queryResources(context.ledger, { kind: 'with_ids', ids: [id] }, effect)
  if (resource === undefined || resource.kind !== kind || resource.key_id !== key.id)
    throw new ApiError('unknown_resource', notFound(kind, id))
  const account = context.accounts.find(({ name }) => name === resource.upstream)
  if (account === undefined)
    throw new ApiError(
      'upstream_unreachable',
      `${id} is stored on upstream '${resource.upstream}', which is no longer configured`,
    )
  return { resource, account }
}

/** While the store takes nothing, a new resource may be in the journal only, so its state is not known. */
export async function queryResources(
  ledger: Pick<Context['ledger'], 'query'>,
  query: ResourceQuery,
  effect: string,
): Promise<readonly Resource[]> {
  try {
    return await ledger.query(query)
  } catch {
    throw new ApiError('ledger_unavailable', `the ledger cannot be read, so ${effect}`)
  }
}

/** Rejects creation without a writable ledger: a resource costs money or has an owner, and both must be recorded. */
export function requireLedger(context: Context, effect = 'batches and files cannot be created'): void {
  if (!context.ledger.healthy)
    throw new ApiError('ledger_unavailable', `the ledger is not writable, so ${effect}`)
}

export function requestOwned(
  { context, headers, progress, query }: ResourceRequest,
  account: UpstreamAccount,
  request: Pick<UpstreamRequest, 'method' | 'path' | 'body'>,
  signal?: AbortSignal,
): Promise<UpstreamResponse> {
  const { limits } = context
  progress.isSent = true
  const whole = { ...request, path: request.path + query, headers }
  return requestUpstream(account, whole, { limitBytes: limits.plainAnswerBytes, signal })
}

/** Records the owner of a new resource; must succeed before the client receives the resource. */
export async function recordOwner({ context }: ResourceRequest, resource: Resource): Promise<void> {
  try {
    await context.ledger.change({ kind: 'created', resource })
  } catch {
    const kind = { status: 503, type: 'api_error', retry: false } as const
    const message = `${resource.id} was created, but its owner is not recorded yet; do not create it again`
    throw new ApiError('ledger_unavailable', message, kind)
  }
}

/** The id of an object that the upstream created. */
export function readNewId(account: UpstreamAccount, answer: UpstreamResponse): string {
  const index = indexAnswer(answer.body, new Set(['id']))
  const member = index.ok ? index.get('id') : undefined
  const id = member === undefined ? undefined : parseMember(answer.body, member)
  if (typeof id === 'string' && /^[\w-]{1,128}$/.test(id)) return id
  throw new ApiError('answer_unreadable', `upstream '${account.name}' sent an object without an id`)
}

export function sendUpstreamResponse(
  { context, id, key, response }: ResourceRequest,
  account: UpstreamAccount,
  answer: UpstreamResponse,
  body: Uint8Array = answer.body,
): void {
  const { status } = answer
  sendBytes(response, status, createResourceHeaders(id, account, answer.headers), body)
  context.log({ level: 'info', event: 'resource', call: id, key: key.id, upstream: account.name, status })
}

export function createResourceHeaders(
  requestId: string,
  account: UpstreamAccount,
  headers: Readonly<Record<string, string>>,
): Record<string, string> {
  const own: Record<string, string> = { 'request-id': requestId, 'x-anthology-upstream': account.name }
  const notice = headers[noticeHeader]
  if (notice !== undefined) own[noticeHeader] = headerText(notice)
  // Rates of keys do not count batches and files.
  return { ...pickResponseHeaders(headers, { rateLimits: true }), ...own }
}

export interface Listing {
  readonly kind: Resource['kind']
  readonly getPath: (id: string) => string
  /** Converts the upstream's bytes of one object to the client's. */
  readonly print: (body: Uint8Array) => Uint8Array
}

/**
 * Lists the key's resources. Order and pagination come from our table, each object
 * from its upstream, byte for byte. Objects that the upstream no longer has are omitted.
 */
export async function listOwned(
  resourceRequest: ResourceRequest,
  { kind, getPath, print }: Listing,
): Promise<void> {
  const { context, response } = resourceRequest
  const { data: page, ...rest } = await readPage(resourceRequest, kind)

  const objects: Uint8Array[] = []
  const fetched = await inParallel(page, listConcurrency, async (resource) => {
    const account = context.accounts.find(({ name }) => name === resource.upstream)
    if (account === undefined) return null
    const answer = await requestOwned(
      resourceRequest,
      account,
      { method: 'GET', path: getPath(resource.id), body: null },
      resourceRequest.clientClosed,
    )
    return { account, answer }
  })
  for (const one of fetched) {
    if (one === null || one.answer.status === 404) continue
    if (one.answer.status !== 200) return sendUpstreamResponse(resourceRequest, one.account, one.answer)
    objects.push(print(one.answer.body))
  }
  const data = objects.flatMap((object, index) => (index === 0 ? [object] : [comma, object]))
  const body = Buffer.concat([
    Buffer.from('{"data":['),
    ...data,
    Buffer.from(`],${JSON.stringify(rest).slice(1)}`),
  ])
  sendBytes(response, 200, { 'content-type': 'application/json', 'request-id': resourceRequest.id }, body)
}

/** Max objects of a list that are fetched concurrently. */
const listConcurrency = 8

const comma = Buffer.from(',')

/**
 * One page of our table. The cursors come from the table too, so that pagination continues after an omitted
 * resource. Since the files beta ended, files have their own list format, unless the beta header is sent.
 */
async function readPage(
  { context, headers, key, request }: ResourceRequest,
  kind: Resource['kind'],
): Promise<ModelsPage<Resource> | FilesPage<Resource>> {
  const query = new URLSearchParams((request.url ?? '').split('?')[1] ?? '')
  const isFilesPage = kind === 'file' && !readBetas(headers['anthropic-beta']).includes(filesBeta)
  const from = isFilesPage ? readFilesCursor(query) : readCursor(query)
  // One more than a page shows that there are more, and a cursor's own resource comes with its part.
  const limit = clampPageSize(query.get('limit')) + 2
  const wanted = { kind: 'of_key', keyId: key.id, resourceKind: kind, from, limit } as const
  const resources = await queryResources(context.ledger, wanted, `${kind}s cannot be listed`)
  if (isFilesPage) {
    const paged = pageFiles(resources, query)
    if (!paged.ok) throw new ApiError('bad_request', paged.message)
    return paged.page
  }
  const params = Object.fromEntries(
    ['limit', 'after_id', 'before_id'].map((name) => [name, query.get(name) ?? undefined]),
  )
  const paged = pageModels(resources, params, kind)
  if (!paged.ok) throw new ApiError('bad_request', paged.message)
  const { data, has_more, first_id, last_id } = paged.page
  return { data, has_more, first_id, last_id }
}

function readCursor(query: URLSearchParams): ListStart {
  const [after, before] = [query.get('after_id'), query.get('before_id')]
  if (after !== null) return { kind: 'after', id: after }
  return before === null ? { kind: 'newest' } : { kind: 'before', id: before }
}

function readFilesCursor(query: URLSearchParams): ListStart {
  const ids = [...query.getAll('ids[]'), ...query.getAll('ids')]
  if (ids.length > 0) return { kind: 'ids', ids }
  const page = query.get('page')
  return page === null ? { kind: 'newest' } : { kind: 'after', id: page.replace(/^page_/, '') }
}

/** The pages of `wire` reject an invalid size. */
function clampPageSize(given: string | null): number {
  const size = Number(given ?? defaultPageSize)
  return size >= 1 ? Math.min(Math.trunc(size), maxPageSize) : 1
}

const filesBeta = 'files-api-2025-04-14'

async function inParallel<Input, Output>(
  inputs: readonly Input[],
  concurrency: number,
  run: (input: Input) => Promise<Output>,
): Promise<readonly Output[]> {
  const outputs: Output[] = []
  let next = 0
  const work = async () => {
    for (let at = next++; at < inputs.length; at = next++) {
      const input = inputs[at]
      if (input !== undefined) outputs[at] = await run(input)
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, inputs.length) }, work))
  return outputs
}

/** The API's own texts. */
function notFound(kind: Resource['kind'], id: string): string {
  const shown = id.slice(0, 256)
  return kind === 'file' ? `File not found: ${shown}` : `Message batch ${shown} not found`
}
