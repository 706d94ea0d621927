import type { IncomingHttpHeaders } from 'node:http'

import { joinValues } from '@anthology/wire'

// Only headers listed in these tables are forwarded.

/** Request headers forwarded to a Messages-compatible upstream: the protocol's own, and client-assigned ids. */
const requestPrefixes = ['anthropic-']
const requestNames = new Set([
  'content-type',
  'accept',
  'user-agent',
  'x-app',
  'x-claude-code-session-id',
  'x-claude-code-agent-id',
  'x-claude-code-parent-agent-id',
])

/** Upstream response headers forwarded to the client. The upstream's organization and request id are not: clients get ours. */
const responseNames = new Set([
  'content-type',
  'content-disposition',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
])

/** The header in which Anthology servers list what they adjusted; read from upstreams of our own kind as well. */
export const noticeHeader = 'x-anthology-notice'

/** The status of a cloud's error that has another one in the Messages API; it does not leave the gateway. */
export const platformStatusHeader = 'x-anthology-platform-status'

export function pickRequestHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const picked: Record<string, string> = {}
  for (const name in headers) {
    if (!requestNames.has(name) && !requestPrefixes.some((prefix) => name.startsWith(prefix))) continue
    const value = headers[name]
    if (value !== undefined) picked[name] = joinValues(value)
  }
  return picked
}

/** The upstream's rate limits are forwarded to a client that has none of our own, because it will hit those. */
export function pickResponseHeaders(
  headers: Readonly<Record<string, string>>,
  { rateLimits }: { readonly rateLimits: boolean },
): Record<string, string> {
  const picked: Record<string, string> = {}
  for (const name in headers) {
    if (responseNames.has(name) || (rateLimits && rateLimit.test(name))) picked[name] = headers[name] ?? ''
  }
  return picked
}

/** The limits of the account, of its Priority Tier and of fast mode (docs.claude.com, api/rate-limits, 2026). */
const rateLimit = /^anthropic-(?:ratelimit|priority|fast)-/

/**
 * The content-type of an answer that has been read as `type`: the upstream's if it says so, else `type`. Clients choose
 * their parser by it, and some compare its letters.
 */
export function nameType(
  headers: Readonly<Record<string, string>>,
  type: 'application/json' | 'text/event-stream',
): { readonly 'content-type': string } {
  const given = headers['content-type'] ?? ''
  return { 'content-type': given === type || given.startsWith(`${type};`) ? given : type }
}

/** The upstream's headers about itself and its account, on one line for the log; never sent to clients. */
export function describeUpstreamHeaders(headers: Readonly<Record<string, string>> | null): string | null {
  if (headers === null) return null
  const facts = Object.entries(headers).filter(([name]) => upstreamFacts.test(name))
  return facts.length === 0 ? null : facts.map(([name, value]) => `${name}=${value}`).join(' ')
}

const upstreamFacts =
  /^(?:request-id$|anthropic-(?:organization-id$|workspace-id$|ratelimit-|priority-|fast-))/

/** The ids by which clients group their calls; stored in the ledger. */
export function readClientIds(headers: IncomingHttpHeaders): {
  session: string | null
  agent: string | null
  parentAgent: string | null
} {
  return {
    session: readId(headers['x-claude-code-session-id']),
    agent: readId(headers['x-claude-code-agent-id']),
    parentAgent: readId(headers['x-claude-code-parent-agent-id']),
  }
}

const maxIdLength = 256

function readId(value: string | string[] | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, maxIdLength) : null
}

/**
 * Makes text safe for a header: our values can contain ids and messages taken
 * from a body, so characters that HTTP does not allow become a space.
 */
export function headerText(text: string): string {
  return printableText(text).slice(0, 1_024)
}

export function printableText(text: string): string {
  return text.replace(/[^\t\x20-\x7e]+/g, ' ')
}
