import type { IncomingHttpHeaders } from 'node:http'

import { joinValues } from '@anthology/wire'

// Headers travel by these tables and by nothing else: a name that is not here stays behind.

/** Request headers that a Messages-compatible upstream gets: the protocol's own, and the ids that clients give themselves. */
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

/** Response headers of an upstream that the client gets. Rate limits, organization and request ids are ours or nobody's. */
const responseNames = new Set([
  'content-type',
  'content-disposition',
  'retry-after',
  'retry-after-ms',
  'x-should-retry',
])

/** The header in which an upstream of our own kind says what it adjusted. */
export const noticeHeader = 'x-anthology-notice'

export function pickRequestHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const picked: Record<string, string> = {}
  for (const name in headers) {
    if (!requestNames.has(name) && !requestPrefixes.some((prefix) => name.startsWith(prefix))) continue
    const value = headers[name]
    if (value !== undefined) picked[name] = joinValues(value)
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

/** What an upstream says about itself and its account, on one line for the log: clients never see it. */
export function describeUpstreamHeaders(headers: Readonly<Record<string, string>>): string | null {
  const told = Object.entries(headers).filter(([name]) => upstreamFacts.test(name))
  return told.length === 0 ? null : told.map(([name, value]) => `${name}=${value}`).join(' ')
}

const upstreamFacts =
  /^(?:request-id$|anthropic-(?:organization-id$|workspace-id$|ratelimit-|priority-|fast-))/

/** The ids under which clients group their calls; the ledger keeps them. */
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
 * Header values of our own carry ids and messages that may come from a body;
 * whatever HTTP does not allow in a header becomes a space.
 */
export function headerText(text: string): string {
  return text.replace(/[^\t\x20-\x7e]+/g, ' ').slice(0, 1_024)
}
