import type { Receiver, Upstream, UpstreamRequest } from '@anthology/wire'

import type { Fetch } from '../../http/fetch.ts'
import { CassetteError } from '../cassette.ts'

/**
 * Creates an upstream from the base URL of an API, for recording in a test: `createFetchUpstream('https://api.anthropic.com')`.
 * Requests keep the credentials of their client. `fetch` is by default the global one. Throws a CassetteError for text that
 * is no http or https URL.
 */
export function createFetchUpstream(baseUrl: string, send: Fetch = globalThis.fetch): Upstream {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new CassetteError('the base URL of an upstream must be an http or https URL')
  const base = url.origin + url.pathname.replace(/\/$/, '')
  return {
    send: (request, receiver) => {
      const abort = new AbortController()
      const gate = createGate()
      const relayed = relay(
        () => send(base + request.path, createInit(request, abort.signal)),
        receiver,
        gate,
      )
      relayed.catch((error: unknown) => {
        if (!abort.signal.aborted) receiver.fail(error instanceof Error ? error : new Error(String(error)))
      })
      return {
        resume: gate.open,
        abort: () => {
          abort.abort()
          gate.open()
        },
      }
    },
  }
}

function createInit({ method, headers, body }: UpstreamRequest, signal: AbortSignal): RequestInit {
  return {
    method,
    // `fetch` would decode an encoded answer, but keep the headers of its encoding.
    headers: { ...headers, 'accept-encoding': 'identity' },
    // A copy, because the type of a body excludes shared memory.
    body: body === null ? null : new Uint8Array(body),
    redirect: 'manual',
    signal,
  }
}

async function relay(call: () => Promise<Response>, receiver: Receiver, gate: Gate): Promise<void> {
  const response = await call()
  const { 'content-encoding': encoding, ...headers } = Object.fromEntries(response.headers)
  if (encoding !== undefined) delete headers['content-length']
  receiver.head(response.status, headers)
  const reader = response.body?.getReader()
  for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
    gate.close()
    if (receiver.chunk(part.value)) gate.open()
    await gate.passed()
  }
  receiver.end()
}

/** Holds the next part of an answer back until its receiver takes it. */
interface Gate {
  close(): void
  open: () => void
  passed(): Promise<void>
}

function createGate(): Gate {
  let isOpen = true
  let release = (): void => {}
  return {
    close: () => {
      isOpen = false
    },
    open: () => {
      isOpen = true
      release()
    },
    passed: () =>
      isOpen
        ? Promise.resolve()
        : new Promise((resolve) => {
            release = resolve
          }),
  }
}
