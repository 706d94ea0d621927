import {
  type FilesPage,
  type ModelsPage,
  type UpstreamRequest,
  indexBody,
  pageFiles,
  pageModels,
  parseMember,
} from '@anthology/wire'

import { admitKey } from '../auth/authenticate.ts'
import { betaQuery, readBetas, readVersion } from '../calls/call.ts'
import type { Context } from '../context.ts'
import { Refusal } from '../errors.ts'
import { headerText, noticeHeader, pickRequestHeaders, pickResponseHeaders } from '../http/headers.ts'
import type { ClientExchange, ClientRequest, ClientResponse } from '../http/client-exchange.ts'
import type { Key } from '../auth/key-ring.ts'
import type { Item } from '../store/sqlite/resource-table.ts'
import { removeSecrets } from '../log.ts'
import type { UpstreamAccount } from '../routing/plan.ts'
import { sendBytes } from '../http/respond.ts'
import { type WholeAnswer, askUpstream } from '../upstreams/request.ts'

/** A request for what the upstreams keep, with the key that it came with. */
export interface Visit {
  readonly context: Context
  readonly id: string
  readonly key: Key
  readonly request: ClientRequest
  readonly response: ClientResponse
  readonly headers: Readonly<Record<string, string>>
  /** `?beta=true` or nothing. */
  readonly query: string
  /** Where the client reaches us, such as `https://claude.example`. */
  readonly origin: string
  /** Aborted when the client goes away before its answer was finished. */
  readonly gone: AbortSignal
}

/** Lets a request in that is about batches or files: they need a key, a version, and a gateway that goes on. */
export function beginVisit(context: Context, exchange: ClientExchange): Visit {
  const { id, request, response } = exchange
  if (context.draining()) throw new Refusal('shutting_down', 'the gateway is shutting down')
  const key = admitKey(request.headers, context.ring)
  readVersion(request.headers)
  const leaving = new AbortController()
  response.once('close', () => {
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
    origin: originOf(request),
    gone: leaving.signal,
  }
}

/** A client sends its key wherever we point it to, so what is encrypted stays so. */
function originOf({ headers, socket }: ClientRequest): string {
  const isEncrypted = 'encrypted' in socket || headers['x-forwarded-proto'] === 'https'
  return `${isEncrypted ? 'https' : 'http'}://${headers.host ?? 'localhost'}`
}

/** What the key owns, and the account that has it. To any other key it is not there. */
export async function findOwn(
  { context, key }: Visit,
  kind: Item['kind'],
  id: string,
): Promise<{ item: Item; account: UpstreamAccount }> {
  const [item] = await context.ledger.ask({ kind: 'with_ids', ids: [id] })
  if (item === undefined || item.kind !== kind || item.key_id !== key.id)
    throw new Refusal('unknown_item', notFound(kind, id))
  const account = context.accounts.find(({ name }) => name === item.upstream)
  if (account === undefined)
    throw new Refusal(
      'upstream_unreachable',
      `upstream '${item.upstream}', which has ${id}, is not configured any more`,
    )
  return { item, account }
}

/** What is made costs money or has an owner: without a ledger it would be nobody's. */
export function requireLedger(context: Context): void {
  if (!context.ledger.healthy)
    throw new Refusal('ledger_unavailable', 'the ledger cannot be written at the moment, so nothing is made')
}

/** The account that takes new items: of the protocol's own platform, for no cloud has these doors. */
export function chooseAccount(accounts: readonly UpstreamAccount[]): UpstreamAccount {
  const account = accounts.find(({ platform }) => platform === 'anthropic')
  if (account === undefined)
    throw new Refusal('no_route', 'no configured upstream offers message batches and files')
  return account
}

export function askFor(
  { context, headers, query }: Visit,
  account: UpstreamAccount,
  request: Pick<UpstreamRequest, 'method' | 'path' | 'body'>,
  signal?: AbortSignal,
): Promise<WholeAnswer> {
  const { limits } = context
  const whole = { ...request, path: request.path + query, headers }
  return askUpstream(account, whole, { limitBytes: limits.plainAnswerBytes, signal })
}

/** Writes down whose the new item is; the client must not hear of an item that is nobody's. */
export async function record({ context }: Visit, item: Item): Promise<void> {
  try {
    await context.ledger.change({ kind: 'created', item })
  } catch {
    const kind = { status: 503, type: 'api_error', retry: false } as const
    const message = `${item.id} was made, but the ledger is late to write down whose it is; do not make it again`
    throw new Refusal('ledger_unavailable', message, kind)
  }
}

/** The id of an object that an upstream has made. */
export function readNewId(account: UpstreamAccount, answer: WholeAnswer): string {
  const index = indexBody(answer.body, new Set(['id']))
  const member = index.ok ? index.get('id') : undefined
  const id = member === undefined ? undefined : parseMember(answer.body, member)
  if (typeof id === 'string' && /^[\w-]{1,128}$/.test(id)) return id
  throw new Refusal('answer_unreadable', `upstream '${account.name}' sent an object without an id`)
}

export function sendWhole(
  { context, id, key, response }: Visit,
  account: UpstreamAccount,
  answer: WholeAnswer,
  body: Uint8Array = answer.body,
): void {
  const { status } = answer
  const clean = removeSecrets(body, account.secrets)
  sendBytes(response, status, itemHeaders(id, account, answer.headers), clean)
  context.log({ level: 'info', event: 'item', call: id, key: key.id, upstream: account.name, status })
}

export function itemHeaders(
  requestId: string,
  account: UpstreamAccount,
  headers: Readonly<Record<string, string>>,
): Record<string, string> {
  const own: Record<string, string> = { 'request-id': requestId, 'x-anthology-upstream': account.name }
  const notice = headers[noticeHeader]
  if (notice !== undefined) own[noticeHeader] = headerText(notice)
  return { ...pickResponseHeaders(headers), ...own }
}

export interface Listing {
  readonly kind: Item['kind']
  readonly pathOf: (id: string) => string
  /** The upstream's bytes of one object as the client gets them. */
  readonly print: (body: Uint8Array) => Uint8Array
}

/**
 * Lists the key's own items: the order and the pages are our table's, each
 * object is the upstream's, byte for byte. What it has lost is left out.
 */
export async function listOwn(visit: Visit, { kind, pathOf, print }: Listing): Promise<void> {
  const { context, key, response } = visit
  const items = await context.ledger.ask({ kind: 'of_key', keyId: key.id, itemKind: kind })
  const { data: page, ...rest } = pageOf(visit, kind, items)

  const objects: Uint8Array[] = []
  if (page.length > context.limits.listConcurrency) context.telemetry.reached('listConcurrency')
  const fetched = await inParallel(page, context.limits.listConcurrency, async (item) => {
    const account = context.accounts.find(({ name }) => name === item.upstream)
    if (account === undefined) return null
    const answer = await askFor(
      visit,
      account,
      { method: 'GET', path: pathOf(item.id), body: null },
      visit.gone,
    )
    return { account, answer }
  })
  for (const one of fetched) {
    if (one === null || one.answer.status === 404) continue
    if (one.answer.status !== 200) return sendWhole(visit, one.account, one.answer)
    objects.push(removeSecrets(print(one.answer.body), one.account.secrets))
  }
  const data = objects.flatMap((object, index) => (index === 0 ? [object] : [comma, object]))
  const body = Buffer.concat([
    Buffer.from('{"data":['),
    ...data,
    Buffer.from(`],${JSON.stringify(rest).slice(1)}`),
  ])
  sendBytes(response, 200, { 'content-type': 'application/json', 'request-id': visit.id }, body)
}

const comma = Buffer.from(',')

/**
 * One page of the table; its cursors are the table's as well, so that a page goes on behind an item that
 * was left out. Files have a list of their own since their beta ended, unless its header is sent.
 */
function pageOf(
  { headers, request }: Visit,
  kind: Item['kind'],
  items: readonly Item[],
): ModelsPage<Item> | FilesPage<Item> {
  const query = new URLSearchParams((request.url ?? '').split('?')[1] ?? '')
  if (kind === 'file' && !readBetas(headers['anthropic-beta']).includes(filesBeta)) {
    const paged = pageFiles(items, query)
    if (!paged.ok) throw new Refusal('bad_request', paged.message)
    return paged.page
  }
  const asked = Object.fromEntries(
    ['limit', 'after_id', 'before_id'].map((name) => [name, query.get(name) ?? undefined]),
  )
  const paged = pageModels(items, asked, kind)
  if (!paged.ok) throw new Refusal('bad_request', paged.message)
  const { data, has_more, first_id, last_id } = paged.page
  return { data, has_more, first_id, last_id }
}

const filesBeta = 'files-api-2025-04-14'

async function inParallel<Given, Made>(
  given: readonly Given[],
  concurrency: number,
  make: (one: Given) => Promise<Made>,
): Promise<readonly Made[]> {
  const made: Made[] = []
  let next = 0
  const work = async () => {
    for (let at = next++; at < given.length; at = next++) {
      const one = given[at]
      if (one !== undefined) made[at] = await make(one)
    }
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, given.length) }, work))
  return made
}

/** In the service's words. */
function notFound(kind: Item['kind'], id: string): string {
  const shown = id.slice(0, 256)
  return kind === 'file' ? `File not found: ${shown}` : `Message batch ${shown} not found`
}
