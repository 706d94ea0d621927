import { isRecord } from '@anthology/wire'

import type { SeenRequest } from '../http/fetch.ts'
import { cutBase64, mapTexts } from './cut-text.ts'
import { redactHeaders, redactPath, redactText, redactValue } from './redact.ts'

export interface SnapshotOptions {
  /** Headers to show beside those of the API. */
  readonly headers?: readonly string[]
  /** Texts to replace everywhere, such as the day in a system prompt: `[[/\d{4}-\d\d-\d\d/g, '<day>']]`. */
  readonly replace?: readonly (readonly [pattern: RegExp | string, replacement: string])[]
}

/** A request without what differs from run to run. */
export interface RequestSnapshot {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** The parsed body; a text if it is not JSON, null if there is none. */
  readonly body: unknown
}

/** Headers that change what the API does. All others depend on the client, its version or the run. */
const shownHeaders = ['anthropic-version', 'anthropic-beta', 'content-type']

/**
 * Normalises a request for a snapshot, so that a review shows what an app changed: credentials are replaced, ids numbered
 * by their first appearance, members sorted by name, base64 cut, and headers of clients left out.
 */
export function snapshotRequest(
  request: Pick<SeenRequest, 'method' | 'path' | 'headers' | 'body' | 'json'>,
  { headers = [], replace = [] }: SnapshotOptions = {},
): RequestSnapshot {
  const replaceIds = createIdReplacer()
  const normalise = (text: string): string => {
    const replaced = replace.reduce((rest, [from, to]) => rest.replaceAll(toGlobal(from), to), text)
    return replaceIds(cutBase64(redactText(replaced)))
  }
  const known = redactHeaders(request.headers)
  const shown = [...shownHeaders, ...headers.map((name) => name.toLowerCase())].toSorted().flatMap((name) => {
    const value = known[name]
    return value === undefined ? [] : [[name, normalise(sortList(name, value))] as const]
  })
  return {
    method: request.method,
    path: normalise(redactPath(request.path)),
    headers: Object.fromEntries(shown),
    body: sortMembers(mapTexts(redactValue(readBody(request)), normalise)),
  }
}

function readBody({ body, json }: Pick<SeenRequest, 'body' | 'json'>): unknown {
  if (body === null) return null
  return json() ?? new TextDecoder().decode(body)
}

/** The order of betas has no meaning. */
function sortList(name: string, value: string): string {
  if (name !== 'anthropic-beta') return value
  return value
    .split(',')
    .map((beta) => beta.trim())
    .toSorted()
    .join(', ')
}

/** `replaceAll` requires the flag. */
function toGlobal(pattern: RegExp | string): RegExp | string {
  return typeof pattern === 'string' || pattern.global ? pattern : new RegExp(pattern, `${pattern.flags}g`)
}

/** Ids of the APIs and UUIDs. An id keeps its number in the whole request, so that references stay visible. */
const volatileId =
  /\b(toolu|srvtoolu|mcptoolu|msg|req|msgbatch|file|container|call)_[A-Za-z0-9]{12,}|\b(tooluse)_[\w-]{16,}|(?<![0-9a-f])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi

function createIdReplacer(): (text: string) => string {
  const names = new Map<string, string>()
  const counts = new Map<string, number>()
  return (text) =>
    text.replaceAll(volatileId, (id: string, prefix?: string, other?: string) => {
      // A word such as `file_descriptions` is a name: an id has a digit.
      if (!/\d/.test(id)) return id
      const known = names.get(id)
      if (known !== undefined) return known
      const kind = (prefix ?? other ?? 'uuid').toLowerCase()
      const count = (counts.get(kind) ?? 0) + 1
      counts.set(kind, count)
      const name = `<${kind} ${count}>`
      names.set(id, name)
      return name
    })
}

function sortMembers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortMembers)
  if (!isRecord(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, member]) => [name, sortMembers(member)]),
  )
}
