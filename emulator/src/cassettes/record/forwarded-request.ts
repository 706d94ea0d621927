import { isSignatureHeader } from '@anthology/wire'
import type { UpstreamRequest } from '@anthology/wire'

import type { EmulatorRequest } from '../../request.ts'

/**
 * Headers that belong to the connection of the client, not to its request (RFC 9110, 7.6.1). The connection to the
 * upstream has its own. An upstream is asked for content without encoding, so that it can be read and redacted.
 */
const connectionHeaders: ReadonlySet<string> = new Set([
  'accept-encoding',
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
])

/** The request as it goes to an upstream, with the credentials of its client; null for a method that no API uses. */
export function createForwardedRequest({
  method,
  path,
  headers,
  body,
}: EmulatorRequest): UpstreamRequest | null {
  if (method !== 'GET' && method !== 'POST' && method !== 'DELETE') return null
  const named = new Set((headers['connection'] ?? '').split(',').map((name) => name.trim().toLowerCase()))
  const kept = Object.entries(headers).filter(
    ([name]) => !connectionHeaders.has(name) && !named.has(name) && !name.startsWith(':'),
  )
  return { method, path, headers: Object.fromEntries(kept), body }
}

/**
 * Returns why a request that is signed with AWS SigV4 cannot go to another host; null for all other requests: the
 * signature covers the name of the host that the client called.
 */
export function findSignatureProblem({ headers }: EmulatorRequest): string | null {
  if (!isSignatureHeader(headers['authorization'])) return null
  return (
    'This request is signed with AWS SigV4 for this address, so that no other host accepts it, and it cannot be recorded ' +
    'here. Use an API key of Amazon Bedrock (AWS_BEARER_TOKEN_BEDROCK), or record at the gateway (anthology serve --record).'
  )
}

/** Removes the headers of the connection from a response. */
export function dropConnectionHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !responseConnectionHeaders.has(name)))
}

const responseConnectionHeaders: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'trailer',
  'transfer-encoding',
  'upgrade',
])
