import type { Receiver, UploadRequest, Upstream, UpstreamHandle, UpstreamRequest } from '@anthology/wire'

/** A request whose headers are to be authorized. The body is in pieces if it is large. */
export interface UnauthorizedRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  /** Null: it is streamed, and is not known. */
  readonly body: readonly Uint8Array[] | null
  /** The owner of the call; see `UpstreamRequest`. */
  readonly sessionName?: string | undefined
}

/** Adds a platform's credentials to requests. */
export interface Authorizer {
  /** Returns all headers to send. `refresh`: do not use a cached credential. Rejects if there is no credential. */
  authorize(request: UnauthorizedRequest, refresh: boolean): Promise<Readonly<Record<string, string>>>
  /** Whether an error answer says that a credential has expired, so that a new one may help. */
  isExpired(answer: ErrorAnswer): boolean
}

export interface ErrorAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/**
 * Sends requests with credentials that are fetched or computed for each of them. After an answer that says that the
 * credential has expired, the request is sent once more with a new one: nothing ran, so nothing is billed twice.
 */
export function createAuthorizedUpstream(transport: Upstream, authorizer: Authorizer): Upstream {
  const start = (request: AnyRequest, receiver: Receiver): UpstreamHandle => {
    let handle: UpstreamHandle | null = null
    let isAborted = false
    const send = (refresh: boolean): void => {
      const unauthorized = { ...request, body: listPieces(request.body) }
      const begin = (headers: Readonly<Record<string, string>>): void => {
        if (isAborted) return
        // A streamed body is sent once.
        const mayRepeat = !refresh && unauthorized.body !== null
        const guarded = mayRepeat ? repeatExpired(receiver, authorizer, () => send(true)) : receiver
        handle = dispatch(transport, { ...request, headers }, guarded)
      }
      const giveUp = (error: unknown): void => {
        if (!isAborted) receiver.fail(toCredentialError(error))
      }
      void authorizer.authorize(unauthorized, refresh).then(begin, giveUp)
    }
    send(false)
    return {
      resume: () => handle?.resume(),
      abort: () => {
        isAborted = true
        handle?.abort()
      },
    }
  }
  return { send: start, upload: start }
}

type AnyRequest = Omit<UpstreamRequest, 'body'> & {
  readonly body: UpstreamRequest['body'] | UploadRequest['body']
}

function dispatch(transport: Upstream, request: AnyRequest, receiver: Receiver): UpstreamHandle {
  const { body } = request
  if (body === null || body instanceof Uint8Array) return transport.send({ ...request, body }, receiver)
  if (transport.upload === undefined) throw new Error('the transport takes no body in pieces')
  return transport.upload({ ...request, body }, receiver)
}

function listPieces(body: AnyRequest['body']): readonly Uint8Array[] | null {
  if (body === null) return []
  if (body instanceof Uint8Array) return [body]
  return isList(body) ? body : null
}

function isList(body: UploadRequest['body']): body is readonly Uint8Array[] {
  return Array.isArray(body)
}

/** No credential was found, or its source failed: the call may move to another upstream. */
function toCredentialError(error: unknown): Error {
  const message = error instanceof Error ? error.message : String(error)
  return Object.assign(new Error(message, { cause: error }), { code: 'CREDENTIAL_UNAVAILABLE' })
}

/** The statuses with which services answer for credentials. */
const expiredStatuses: ReadonlySet<number> = new Set([400, 401, 403])
const maxErrorBytes = 64 * 1024

/** Holds an error about the credential until it is complete; repeats the request if the credential has expired. */
function repeatExpired(receiver: Receiver, authorizer: Authorizer, repeat: () => void): Receiver {
  let held: Omit<ErrorAnswer, 'body'> | null = null
  const pieces: Uint8Array[] = []
  let size = 0
  const release = (): void => {
    if (held === null) return
    receiver.head(held.status, held.headers)
    held = null
    for (const piece of pieces) receiver.chunk(piece)
  }
  return {
    head: (status, headers) => {
      if (expiredStatuses.has(status)) held = { status, headers }
      else receiver.head(status, headers)
    },
    chunk: (bytes) => {
      if (held === null) return receiver.chunk(bytes)
      pieces.push(bytes)
      size += bytes.length
      if (size > maxErrorBytes) release()
      return true
    },
    end: () => {
      if (held !== null && authorizer.isExpired({ ...held, body: Buffer.concat(pieces) })) return repeat()
      release()
      receiver.end()
    },
    fail: (error) => {
      release()
      receiver.fail(error)
    },
  }
}
