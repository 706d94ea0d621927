import { parseJson } from '@anthology/wire'
import type { Receiver, UpstreamHandle } from '@anthology/wire'

import { FaultError } from '../faults/fault-error.ts'
import type { EmulatorRequest } from '../request.ts'
import type { Exchange } from '../scenario/exchange.ts'
import type { Fault, Platform, Protocol } from '../scenario/scenario.ts'

/** A recorded request, for assertions in tests. */
export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | null
  /** The parsed body; undefined if it is not JSON. */
  readonly json: () => unknown
  /** The protocol of the client; null until the request is read, as with `platform` and `status`. */
  protocol: Protocol | null
  platform: Platform | null
  /** The status of the answer, also where a fault breaks it before it is sent. */
  status: number | null
  /** The rule of the scenario that applied, such as `rule 2 "ask for the weather"`; null: none did. */
  rule: string | null
  /** The scenario has rules, and none matched this call. */
  isUnmatched: boolean
  /** The fault that the request got; null: none. */
  fault: Fault | null
}

export interface RequestLog {
  /** The latest, oldest first. */
  readonly entries: readonly SeenRequest[]
  /** Keeps a request; null where requests are not kept. */
  add(request: EmulatorRequest): SeenRequest | null
  /** Keeps requests from now on. Returns whether it did not keep them before. */
  readonly keep: () => boolean
  clear(): void
}

/** The limits of a request log; newer requests evict older ones. */
export const maxLogRequests = 1_000
export const maxLogBytes = 64 * 1024 * 1024

export function createRequestLog(keepsRequests = true): RequestLog {
  let isKept = keepsRequests
  const entries: SeenRequest[] = []
  let heldBytes = 0
  const isFull = (): boolean => entries.length > maxLogRequests || heldBytes > maxLogBytes
  return {
    entries,
    keep: () => {
      const isNew = !isKept
      isKept = true
      return isNew
    },
    add: ({ method, path, headers, body }) => {
      if (!isKept) return null
      const entry: SeenRequest = {
        method,
        path,
        headers,
        body,
        json: () => (body === null ? undefined : parseJson(utf8.decode(body))),
        protocol: null,
        platform: null,
        status: null,
        rule: null,
        isUnmatched: false,
        fault: null,
      }
      entries.push(entry)
      heldBytes += computeSize(body)
      // The newest request is kept whatever its size.
      while (entries.length > 1 && isFull()) heldBytes -= computeSize(entries.shift()?.body)
      return entry
    },
    clear: () => {
      entries.length = 0
      heldBytes = 0
    },
  }
}

/** Adds to a kept request what the emulator decided about it. */
export function addDecision(
  entry: SeenRequest | null,
  { protocol, platform, rule, isUnmatched, fault }: Exchange,
  status: number,
): void {
  if (entry) Object.assign(entry, { protocol, platform, rule, isUnmatched, fault, status })
}

function computeSize(body: Uint8Array | null | undefined): number {
  return body?.length ?? 0
}

export type Fetch = (input: Request | URL | string, init?: RequestInit) => Promise<Response>

/**
 * Creates a `fetch` that calls the emulator without a port, whatever the host of the URL. The response streams as it is
 * generated, with backpressure from the reader of its body.
 */
export function createFetch(send: (request: EmulatorRequest, receiver: Receiver) => UpstreamHandle): Fetch {
  return async (input, init) => {
    const request = new Request(toAbsolute(input), init)
    const { signal } = request
    const received = await readRequest(request)
    signal.throwIfAborted()
    return new Promise((resolve, reject) => {
      const answer = createAnswer(resolve, reject)
      const handle = send(received, answer.receiver)
      answer.begin(handle)
      signal.addEventListener('abort', () => answer.abort(signal.reason), { once: true })
    })
  }
}

/** The origin of the API, for callers that pass only a path. */
const defaultOrigin = 'https://api.anthropic.com'

function toAbsolute(input: Request | URL | string): Request | URL {
  return typeof input === 'string' ? new URL(input, defaultOrigin) : input
}

async function readRequest(request: Request): Promise<EmulatorRequest & { readonly origin: string }> {
  const url = new URL(request.url)
  const body = new Uint8Array(await request.arrayBuffer())
  return {
    method: request.method,
    path: url.pathname + url.search,
    origin: url.origin,
    headers: Object.fromEntries(request.headers),
    body: body.length === 0 ? null : body,
  }
}

interface Answer {
  readonly receiver: Receiver
  begin(handle: UpstreamHandle): void
  abort(reason: unknown): void
}

/** Turns the calls of a receiver into a `Response`. */
function createAnswer(resolve: (response: Response) => void, reject: (reason: unknown) => void): Answer {
  let handle: UpstreamHandle | null = null
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given
    },
    pull: () => handle?.resume(),
    cancel: () => handle?.abort(),
  })
  const breakOff = (reason: unknown): void => {
    // Each call has no effect if its promise or stream is already settled.
    reject(toFetchError(reason, 'fetch failed'))
    controller?.error(toFetchError(reason, 'terminated'))
  }
  const receiver: Receiver = {
    head: (status, headers) => resolve(new Response(isBodyless(status) ? null : body, { status, headers })),
    chunk: (bytes) => {
      if (bytes.length > 0) controller?.enqueue(bytes)
      return (controller?.desiredSize ?? 0) > 0
    },
    end: () => controller?.close(),
    fail: breakOff,
  }
  return {
    receiver,
    begin: (given) => {
      handle = given
    },
    abort: (reason) => {
      handle?.abort()
      breakOff(reason)
    },
  }
}

/** A connection that a fault broke is reported as undici's `fetch` does: by a TypeError with the error as its cause. */
function toFetchError(reason: unknown, message: string): unknown {
  return reason instanceof FaultError ? new TypeError(message, { cause: reason }) : reason
}

/** The `Response` constructor throws if one of these statuses has a body. */
function isBodyless(status: number): boolean {
  return status === 204 || status === 304
}

const utf8 = new TextDecoder()
