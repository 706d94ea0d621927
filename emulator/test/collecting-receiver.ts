import { decodeSse } from '@anthology/wire'
import type { Message, StreamEvent } from '@anthology/wire'

import type { Emulator } from '../src/index.ts'

export interface Collected {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
}

export interface Ask {
  readonly method?: string
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Bytes are sent unchanged, any other value as JSON. */
  readonly body?: unknown
}

/** Sends a request and collects the whole response. */
export function collect(emulator: Emulator, request: Ask): Promise<Collected> {
  const parts: Uint8Array[] = []
  let status = 0
  let headers: Readonly<Record<string, string>> = {}
  return new Promise((resolve, reject) => {
    emulator.send(createRequest(request), {
      head: (givenStatus, givenHeaders) => {
        status = givenStatus
        headers = givenHeaders
      },
      chunk: (bytes) => {
        parts.push(bytes)
        return true
      },
      end: () => resolve({ status, headers, bytes: Buffer.concat(parts) }),
      fail: reject,
    })
  })
}

export function createRequest({ method = 'POST', path = '/v1/messages', headers = {}, body }: Ask) {
  const bytes = body instanceof Uint8Array ? body : new TextEncoder().encode(JSON.stringify(body))
  return {
    method,
    path,
    headers: { 'anthropic-version': '2023-06-01', ...headers },
    body: body === undefined ? null : bytes,
  }
}

export function getJson(collected: Collected): unknown {
  return JSON.parse(new TextDecoder().decode(collected.bytes))
}

/** Returns the response to a body, which must be a message. */
export async function getMessage(
  emulator: Emulator,
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Message> {
  const collected = await collect(emulator, { body, headers })
  if (collected.status !== 200) throw new Error(new TextDecoder().decode(collected.bytes))
  // The tests verify the members that they use.
  return getJson(collected) as Message
}

export async function getEvents(
  emulator: Emulator,
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly StreamEvent[]> {
  const collected = await collect(emulator, { body: { ...body, stream: true }, headers })
  return parseEvents(collected.bytes)
}

export function parseEvents(bytes: Uint8Array): readonly StreamEvent[] {
  return decodeSse(bytes).map(({ event, data }) => {
    // As above.
    const parsed = JSON.parse(data) as StreamEvent
    if (parsed.type !== event) throw new Error(`the event ${event} says it is a ${parsed.type}`)
    return parsed
  })
}

/** Assembles the message of a stream, independently of the code under test. */
export function assemble(events: readonly StreamEvent[]): Message {
  const [start] = events
  if (start?.type !== 'message_start') throw new Error('the stream does not begin with message_start')
  let message = start.message
  let text = ''
  for (const event of events) {
    if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text
    if (event.type === 'message_delta')
      message = { ...message, ...event.delta, usage: { ...message.usage, ...event.usage } }
  }
  return { ...message, content: text === '' ? [] : [{ type: 'text', text }] }
}

export function getText(message: Message): string {
  return message.content.map((block) => (block.type === 'text' ? block.text : '')).join('')
}

export function ask(content: string, more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { model: 'claude-opus-4-1', max_tokens: 1_000, messages: [{ role: 'user', content }], ...more }
}
