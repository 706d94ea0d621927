import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'

import { fetchThrough } from '@anthology/gateway'
import type { Proxy } from '@anthology/gateway'

/** The result of a request: a response, or the reason for none. */
export type Probe =
  | {
      readonly ok: true
      readonly status: number
      readonly body: string
      readonly dateMs: number | null
      readonly tookMs: number
    }
  | { readonly ok: false; readonly because: ProbeFailure; readonly detail: string }

export type ProbeFailure =
  | 'no_name'
  | 'refused'
  | 'certificate_expired'
  | 'certificate_of_other_host'
  | 'certificate_untrusted'
  | 'tls'
  | 'timeout'
  | 'proxy'
  | 'other'

/** The next step after a request without a response, by its reason. */
export const nextSteps: Readonly<Record<ProbeFailure, string>> = {
  no_name: 'Check base_url and the DNS settings of this machine.',
  refused: 'Nothing listens there: check base_url.',
  certificate_expired: 'Its certificate is not valid now: renew it there, or set the clock of this machine.',
  certificate_of_other_host: 'Its certificate is for another host: name that host in base_url.',
  certificate_untrusted:
    'Its certificate is not trusted here: set NODE_EXTRA_CA_CERTS to the authority that signed it.',
  tls: 'It does not speak TLS as expected: check the scheme and the port of base_url.',
  timeout: 'A firewall or proxy may block the connection.',
  proxy: 'If the upstream can be reached without a proxy, set proxy: none for it.',
  other: 'Check base_url and the network.',
}

/** The time limit of a request, and the maximum bytes to read of its response. */
const limits = { waitMs: 5_000, bodyBytes: 64 * 1024 }

/**
 * Sends one request, follows no redirects, and never throws. `via` is a proxy, or the only certificate to trust, of our
 * own server, which may be reached under another name than the one it is for.
 */
export async function probe(
  url: string,
  headers: Readonly<Record<string, string>> = {},
  via: { readonly proxy?: Proxy | null; readonly certificate?: string | undefined } = {},
): Promise<Probe> {
  const startedAtMs = performance.now()
  try {
    const signal = AbortSignal.timeout(limits.waitMs)
    const response = await send(url, { headers, signal }, via)
    const body = await readSome(response)
    const dateMs = Date.parse(response.headers.get('date') ?? '')
    const tookMs = Math.round(performance.now() - startedAtMs)
    return { ok: true, status: response.status, body, dateMs: Number.isNaN(dateMs) ? null : dateMs, tookMs }
  } catch (error) {
    return { ok: false, ...toFailure(error) }
  }
}

interface SendOptions {
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}

async function send(
  url: string,
  options: SendOptions,
  { proxy = null, certificate }: NonNullable<Parameters<typeof probe>[2]>,
): Promise<Pick<Response, 'status' | 'headers'> & Body> {
  if (certificate !== undefined) return await fetchTrusting(certificate, url, options)
  if (proxy !== null) return await fetchThrough(proxy, url, { ...options, redirect: 'manual' })
  return await fetch(url, { ...options, redirect: 'manual' })
}

interface Body {
  readonly body: AsyncIterable<Uint8Array> | null
}

async function fetchTrusting(certificate: string, url: string, options: SendOptions): Promise<Response> {
  const sent = request(url, {
    ...options,
    ca: certificate,
    allowPartialTrustChain: true,
    checkServerIdentity: () => undefined,
  })
  const [response]: IncomingMessage[] = await once(sent.end(), 'response')
  if (response === undefined) throw new Error('no response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(Buffer.from(chunk))
  const { date } = response.headers
  return new Response(Buffer.concat(chunks), {
    status: response.statusCode ?? 0,
    headers: date === undefined ? {} : { date },
  })
}

async function readSome(response: Body): Promise<string> {
  const [decoder, parts] = [new TextDecoder(), [] as string[]]
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.length
    parts.push(decoder.decode(chunk, { stream: true }))
    if (size > limits.bodyBytes) break
  }
  return parts.join('')
}

function toFailure(error: unknown): { readonly because: ProbeFailure; readonly detail: string } {
  if (error instanceof Error && error.name === 'TimeoutError')
    return { because: 'timeout', detail: `no response within ${limits.waitMs / 1000} seconds` }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const message = cause instanceof Error ? cause.message : String(cause)
  return { because: classifyProbeError(code), detail: message === '' ? code : message }
}

/** Classifies an error of Node or undici by its code. */
export function classifyProbeError(code: string): ProbeFailure {
  return failures.find(({ codes }) => codes.test(code))?.because ?? 'other'
}

const failures: readonly { readonly because: ProbeFailure; readonly codes: RegExp }[] = [
  { because: 'proxy', codes: /^PROXY_/ },
  { because: 'no_name', codes: /^(?:ENOTFOUND|EAI_AGAIN)$/ },
  { because: 'refused', codes: /^ECONNREFUSED$/ },
  { because: 'timeout', codes: /TIMEOUT/ },
  { because: 'certificate_expired', codes: /^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/ },
  { because: 'certificate_of_other_host', codes: /ALTNAME|HOSTNAME_MISMATCH/ },
  { because: 'certificate_untrusted', codes: /^(?:CERT_|UNABLE_TO_)|SELF_SIGNED/ },
  { because: 'tls', codes: /^EPROTO$|SSL|TLS/ },
]
