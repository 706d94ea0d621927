import { createHmac } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { request as requestHttp } from 'node:http'
import type { RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import { isIP } from 'node:net'

import type { WebhookConfig } from './budget-config.ts'
import { isPublicAddress } from './public-address.ts'

/** Time in which a receiver must answer. */
const timeoutMs = 10_000

interface Delivery {
  readonly nowMs: number
  readonly signal: AbortSignal
}

/**
 * Sends an event to a webhook. Returns null if the receiver accepted it with a status of 2xx, else the problem. The
 * host is resolved once, and the connection goes to the address that was checked. A redirect is not followed.
 */
export async function deliverWebhook(
  webhook: WebhookConfig,
  event: { readonly id: string; readonly body: string },
  { nowMs, signal }: Delivery,
): Promise<string | null> {
  const url = new URL(webhook.url)
  const address = await findAddress(url, webhook.private === true)
  if ('problem' in address) return address.problem
  const seconds = Math.floor(nowMs / 1_000)
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(event.body),
    'user-agent': 'anthology',
    'x-anthology-event': event.id,
    'x-anthology-signature': `t=${seconds},v1=${signEvent(webhook.secret, seconds, event.body)}`,
  }
  const pinned = [{ address: address.address, family: address.family }]
  const options: RequestOptions = {
    method: 'POST',
    headers,
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    agent: false,
    lookup: (_host, { all }, done) =>
      all === true ? done(null, pinned) : done(null, address.address, address.family),
  }
  return new Promise((resolve) => {
    const send = url.protocol === 'https:' ? requestHttps : requestHttp
    const outgoing = send(url, options, (response) => {
      response.resume()
      const status = response.statusCode ?? 0
      resolve(status >= 200 && status < 300 ? null : `the receiver answered ${status}`)
    })
    outgoing.on('error', (error) => resolve(error.message))
    outgoing.end(event.body)
  })
}

/** HMAC-SHA256 of `seconds.body` under the webhook's secret, in hexadecimal digits. */
export function signEvent(secret: string, seconds: number, body: string): string {
  return createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
}

type Found = { readonly address: string; readonly family: number } | { readonly problem: string }

async function findAddress(url: URL, allowsPrivate: boolean): Promise<Found> {
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && allowsPrivate))
    return { problem: 'only https is allowed' }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  try {
    const found =
      isIP(host) === 0 ? await lookup(host, { all: true }) : [{ address: host, family: isIP(host) }]
    // One private address among several is enough to refuse the host.
    if (!allowsPrivate && found.some(({ address }) => !isPublicAddress(address)))
      return { problem: `${host} has a private address, which is not allowed` }
    return found[0] ?? { problem: `${host} has no address` }
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
}
