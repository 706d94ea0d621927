import type { IncomingHttpHeaders } from 'node:http'

// Only headers in these tables are forwarded.

/** Request headers that a Messages-compatible upstream gets: the protocol's own, and the ids that clients choose. */
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

/** Upstream response headers that the client gets. Rate limits, organization and request ids are never forwarded. */
const responseNames = new Set([
  'content-type',
  'content-disposition',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
])

/** Lists adjustments of a call; our clients get it, and an Anthology upstream sends it to us. */
export const noticeHeader = 'x-anthology-notice'

export function pickRequestHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const picked: Record<string, string> = {}
  for (const name in headers) {
    if (!requestNames.has(name) && !requestPrefixes.some((prefix) => name.startsWith(prefix))) continue
    const value = headers[name]
    if (value !== undefined) picked[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return picked
}

export function pickResponseHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const picked: Record<string, string> = {}
  for (const name in headers) {
    if (responseNames.has(name)) picked[name] = headers[name] ?? ''
  }
  return picked
}

/** Formats an upstream's ids and account limits on one line for the log. Clients never see them. */
export function describeUpstreamHeaders(headers: Readonly<Record<string, string>>): string | null {
  const facts = Object.entries(headers).filter(([name]) => upstreamFacts.test(name))
  return facts.length === 0 ? null : facts.map(([name, value]) => `${name}=${value}`).join(' ')
}

const upstreamFacts =
  /^(?:request-id$|anthropic-(?:organization-id$|workspace-id$|ratelimit-|priority-|fast-))/

/** Reads the ids by which clients group their calls; the ledger records them. */
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
 * Makes a header value of text that may come from a body: characters that HTTP
 * does not allow in a header become a space.
 */
export function headerText(text: string): string {
  return text.replace(/[^\t\x20-\x7e]+/g, ' ').slice(0, 1_024)
}
