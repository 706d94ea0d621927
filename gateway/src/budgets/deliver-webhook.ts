import { createHmac } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { request as requestHttp } from 'node:http'
import type { RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'

import { createProxiedFetch } from '../upstreams/proxies/fetch-through.ts'
import type { ProxiedOptions } from '../upstreams/proxies/fetch-through.ts'
import type { ProxyChoice } from '../upstreams/proxies/choose-proxy.ts'
import type { WebhookConfig } from './budget-config.ts'
import { isPublicAddress } from './public-address.ts'

/** Time in which a receiver must answer. */
const timeoutMs = 10_000

interface Delivery {
  readonly nowMs: number
  readonly signal: AbortSignal
  readonly proxies: Pick<ProxyChoice, 'choose'>
}

/**
 * Sends an event to a webhook. Returns null if the receiver accepted it with a status of 2xx, else the problem. The
 * host is resolved once, and the connection goes to the address that was checked; a forward proxy resolves it itself. A
 * redirect is not followed.
 */
export async function deliverWebhook(
  webhook: WebhookConfig,
  event: { readonly id: string; readonly body: string },
  { nowMs, signal: stopping, proxies }: Delivery,
): Promise<string | null> {
  const url = new URL(webhook.url)
  const isProxied = proxies.choose(url.href) !== null
  const address = await findAddress(url, webhook.private === true, isProxied)
  if ('problem' in address) return address.problem
  const seconds = Math.floor(nowMs / 1_000)
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'anthology',
    'x-anthology-event': event.id,
    'x-anthology-signature': `t=${seconds},v1=${signEvent(webhook.secret, seconds, event.body)}`,
  }
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(timeoutMs)])
  const sending = { method: 'POST', headers, signal }
  if (!('address' in address)) return sendProxied(proxies, url, { ...sending, body: event.body })
  const pinned = [{ address: address.address, family: address.family }]
  const options: RequestOptions = {
    ...sending,
    headers: { ...headers, 'content-length': Buffer.byteLength(event.body) },
    agent: false,
    lookup: (_host, { all }, done) =>
      all === true ? done(null, pinned) : done(null, address.address, address.family),
  }
  return new Promise((resolve) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp
    const outgoing = send(url, options, (response) => {
      response.resume()
      resolve(judgeStatus(response.statusCode ?? 0))
    })
    outgoing.on('error', (error) => resolve(error.message))
    outgoing.end(event.body)
  })
}

async function sendProxied(
  proxies: Pick<ProxyChoice, 'choose'>,
  url: URL,
  options: ProxiedOptions,
): Promise<string | null> {
  try {
    const response = await createProxiedFetch(proxies)(url.href, { ...options, redirect: 'manual' })
    await response.body?.cancel()
    return judgeStatus(response.status)
  } catch (error) {
    // Of a failed fetch, the cause says why.
    const reason = error instanceof Error && error.cause instanceof Error ? error.cause : error
    return reason instanceof Error ? reason.message : String(reason)
  }
}

function judgeStatus(status: number): string | null {
  return status >= 200 && status < 300 ? null : `the receiver answered ${status}`
}

/** HMAC-SHA256 of `seconds.body` under the webhook's secret, in hexadecimal digits. */
export function signEvent(secret: string, seconds: number, body: string): string {
  return createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
}

type Found =
  | { readonly address: string; readonly family: number }
  | { readonly problem: string }
  | { readonly isProxied: true }

/** Where only a proxy reaches the internet, names of the internet may have no address here. */
async function findAddress(url: URL, allowsPrivate: boolean, isProxied: boolean): Promise<Found> {
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && allowsPrivate))
    return { problem: 'only https is allowed' }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  try {
    const found =
      isIP(host) === 0 ? await lookup(host, { all: true }) : [{ address: host, family: isIP(host) }]
    // One private address among several is enough to refuse the host.
    if (!allowsPrivate && found.some(({ address }) => !isPublicAddress(address)))
      return { problem: `${host} has a private address, which is not allowed` }
    return isProxied ? { isProxied } : (found[0] ?? { problem: `${host} has no address` })
  } catch (error) {
    if (isProxied) return { isProxied }
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
