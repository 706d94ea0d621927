import type { SeenRequest } from '../http/fetch.ts'
import { cutBase64, cutText, mapTexts } from '../requests/cut-text.ts'
import { findRequests } from '../requests/expect-requests.ts'
import { redactHeaders, redactPath, redactText, redactValue } from '../requests/redact.ts'
import type { RequestFilter } from '../requests/request-filter.ts'
import { readRequestView } from '../requests/request-view.ts'
import type { Fault, Platform, Protocol } from '../scenario/scenario.ts'

/** A kept request as the control API shows it: without credentials, long texts cut. */
export interface ShownRequest {
  readonly method: string
  readonly path: string
  readonly protocol: Protocol | null
  readonly platform: Platform | null
  readonly model: string | null
  readonly status: number | null
  readonly rule: string | null
  readonly unmatched: boolean
  readonly fault: Fault | null
  readonly headers: Readonly<Record<string, string>>
  /** The parsed body; a text if it is not JSON or too large, null if there is none. */
  readonly body: unknown
  readonly body_bytes: number
  /** Whether a text of the body was cut. */
  readonly body_cut: boolean
}

export interface ShownRequests {
  /** Oldest first. */
  readonly requests: readonly ShownRequest[]
  /** The number of kept requests that meet the filter, shown or not. */
  readonly total: number
}

export type ListedRequests =
  | { readonly ok: true; readonly value: ShownRequests }
  | { readonly ok: false; readonly message: string }

/** The parameters of the query, each with the filter that it stands for. */
const parameters: Readonly<Record<string, (text: string) => RequestFilter | null>> = {
  method: (method) => ({ method: method.toUpperCase() }),
  protocol: (text) => {
    const protocol = protocols.find((name) => name === text)
    return protocol === undefined ? null : { protocol }
  },
  path: (path) => ({ path }),
  model: (model) => ({ model }),
  rule: (rule) => ({ rule }),
  last_user: (lastUser) => ({ lastUser }),
  status: (text) => (/^\d{3}$/.test(text) ? { status: Number(text) } : null),
  unmatched: (text) => (text === 'true' || text === 'false' ? { unmatched: text === 'true' } : null),
}

const protocols = ['messages', 'openai', 'bedrock', 'vertex'] as const

/** Lists the latest requests that meet the filter of a query; `limit` of them, by default 100. */
export function listShownRequests(requests: readonly SeenRequest[], query: URLSearchParams): ListedRequests {
  const names = [...Object.keys(parameters), 'limit']
  let filter: RequestFilter = {}
  let limit = defaultLimit
  for (const [name, text] of query) {
    if (!names.includes(name))
      return { ok: false, message: `unknown parameter '${name}'; the parameters are ${names.join(', ')}` }
    if (name === 'limit') {
      limit = Number(text)
      if (!/^\d{1,4}$/.test(text) || limit < 1 || limit > maxLimit)
        return { ok: false, message: `limit: must be a whole number from 1 to ${maxLimit}` }
      continue
    }
    const part = parameters[name]?.(text) ?? null
    if (part === null) return { ok: false, message: `${name}: ${JSON.stringify(text)} is not a value of it` }
    filter = { ...filter, ...part }
  }
  const found = findRequests(requests, filter)
  return { ok: true, value: { requests: found.slice(-limit).map(showRequest), total: found.length } }
}

const defaultLimit = 100
const maxLimit = 1_000

function showRequest(request: SeenRequest): ShownRequest {
  const { method, path, protocol, platform, status, rule, isUnmatched, fault, headers, body } = request
  const shown = showBody(request)
  return {
    method,
    path: redactPath(path),
    protocol,
    platform,
    model: readRequestView(request).model,
    status,
    rule,
    unmatched: isUnmatched,
    fault,
    headers: redactHeaders(headers),
    body: shown.value,
    body_bytes: body?.length ?? 0,
    body_cut: shown.isCut,
  }
}

/** A text of a body is cut at this length, and the whole body beyond the other one is shown as the beginning of its text. */
const maxTextCharacters = 2_000
const maxBodyCharacters = 64 * 1024

function showBody({ body, json }: SeenRequest): { readonly value: unknown; readonly isCut: boolean } {
  if (body === null) return { value: null, isCut: false }
  const parsed = json()
  if (parsed === undefined) {
    const text = redactText(new TextDecoder().decode(body))
    return { value: cutText(text, maxTextCharacters), isCut: text.length > maxTextCharacters }
  }
  let isCut = false
  const value = mapTexts(redactValue(parsed), (text) => {
    const cut = cutText(cutBase64(text), maxTextCharacters)
    isCut ||= cut !== text
    return cut
  })
  const printed = JSON.stringify(value)
  return printed.length <= maxBodyCharacters
    ? { value, isCut }
    : { value: cutText(printed, maxBodyCharacters), isCut: true }
}
