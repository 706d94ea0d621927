import { shellTexts } from '../texts/shell.ts'
import { reportAnswer, reportFailure } from './connection.ts'

/** An error answer of the admin API (RFC 9457), or of the network (`status` 0). */
export class ApiProblem extends Error {
  readonly status: number
  readonly code: string
  readonly body: unknown

  constructor(status: number, code: string, message: string, body: unknown) {
    super(message)
    this.status = status
    this.code = code
    this.body = body
  }

  /** The member of the request that the problem is about; null: none in particular. */
  get member(): string | null {
    const { member = null } = (this.body ?? {}) as { readonly member?: string | null }
    return member
  }
}

/** The values of query parameters; undefined and '' leave one out, a list repeats it. */
export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>

export interface RequestOptions {
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
  readonly query?: Query | undefined
  readonly body?: unknown
  readonly signal?: AbortSignal | undefined
}

/** The session itself, whose 401 is a wrong admin key. */
export const sessionPath = '/console/session'

let csrfToken = ''
const signedOutListeners = new Set<() => void>()

/** Calls `listener` each time the server does not know the session of a request. */
export function onSignedOut(listener: () => void): void {
  signedOutListeners.add(listener)
}

/** Sets the token that the session's changes carry. */
export function setCsrfToken(token: string): void {
  csrfToken = token
}

/**
 * Sends a request to the gateway and parses its JSON. The answer has the type that the caller names, because both sides
 * come from the same version. Throws an ApiProblem.
 */
export async function request<Answer>(path: string, options: RequestOptions = {}): Promise<Answer> {
  const { method = 'GET', query, body, signal } = options
  if (method !== 'GET' && signal === undefined) return requestInTime(path, options)
  const headers: Record<string, string> = { accept: 'application/json' }
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (method !== 'GET') headers['x-csrf-token'] = csrfToken
  const init: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store' }
  if (body !== undefined) init.body = JSON.stringify(body)
  if (signal !== undefined) init.signal = signal
  const response = await send(`${path}${printQuery(query)}`, init)
  const text = await response.text()
  const value = text === '' ? null : parse(text)
  if (response.ok) return value as Answer
  if (response.status === 401 && path !== sessionPath) for (const listener of signedOutListeners) listener()
  const { code = 'unknown', detail = shellTexts.badAnswer(response.status) } = (value ?? {}) as {
    readonly code?: string
    readonly detail?: string
  }
  throw new ApiProblem(response.status, code, detail, value)
}

/** A form stays until its result is known, so a server that never answers must not hold it for ever. */
const maxChangeMs = 60_000

async function requestInTime<Answer>(path: string, options: RequestOptions): Promise<Answer> {
  const controller = new AbortController()
  const { signal } = controller
  const timer = setTimeout(() => controller.abort(), maxChangeMs)
  try {
    return await request<Answer>(path, { ...options, signal })
  } catch (error) {
    if (!signal.aborted) throw error
    throw new ApiProblem(0, 'timeout', shellTexts.unknownResult, null)
  } finally {
    clearTimeout(timer)
  }
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    const response = await fetch(url, init)
    reportAnswer()
    return response
  } catch (error) {
    if (init.signal?.aborted === true) throw error
    reportFailure()
    throw new ApiProblem(0, 'unreachable', shellTexts.unreachable, null)
  }
}

/** Prints `?a=b`, with every value encoded, so that ids may contain any character. */
export function printQuery(query: Query | undefined): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {}))
    if (typeof value === 'object') for (const item of value) parameters.append(name, item)
    else if (value !== undefined && value !== '') parameters.set(name, String(value))
  const text = parameters.toString()
  return text === '' ? '' : `?${text}`
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
