import { createEmulator, listenEmulator } from '@anthology/emulator'
import type { Fault } from '@anthology/emulator'
import { describe, expect, test } from 'vitest'

import { anthropicClients, awsClients, otherClients } from './fault-clients.ts'
import type { Call, FaultClient } from './fault-clients.ts'

// Every kind of fault against the real clients: the class of their error, and the number of requests that they send when
// one retry is allowed. A client retries what its documentation says: statuses 408, 409, 429 and from 500, and connections
// that break before the head of an answer.

/** The delay that the answers ask for. Clients ignore a `retry-after` of 0. */
const soon = { retry_after: 0.001 }

const faults = {
  'status 400': { status: 400 },
  'status 403': { status: 403 },
  'a rate limit': { rate_limit: true, ...soon },
  'status 500': { status: 500, ...soon },
  'an overload': { overloaded: true, ...soon },
  'an error event': { error_event: 'overloaded_error', after_events: 4, ...soon },
  'a reset before the head': { reset: true },
  'a reset in the answer': { reset: { after_events: 4 } },
  'a cut after the head': { cut: { after_bytes: 0 } },
  'a cut': { cut: { after_events: 4 } },
  'a cut inside a frame': { cut: { after_events: 4, inside: 'frame' } },
  'no message_stop': { missing: 'message_stop' },
  'broken JSON': { malformed: 'json', after_events: 3 },
  'a broken frame': { malformed: 'frame', after_events: 3 },
  'a byte that is not UTF-8': { malformed: 'utf8', after_events: 3 },
  'wrong usage': { wrong_usage: true },
  'a slow answer': { first_byte_ms: 20, between_events_ms: 1 },
} as const satisfies Readonly<Record<string, Fault>>

type FaultName = keyof typeof faults

/** For a plain and for a streamed call: the error's class, or `ok`, and the number of requests. */
type Outcomes = Readonly<Record<FaultName, readonly [plain: string, stream: string]>>

const readable = {
  'a byte that is not UTF-8': ['ok x1', 'ok x1'],
  'wrong usage': ['ok x1', 'ok x1'],
  'a slow answer': ['ok x1', 'ok x1'],
} as const

const anthropic: Outcomes = {
  ...readable,
  'status 400': ['BadRequestError x1', 'BadRequestError x1'],
  'status 403': ['PermissionDeniedError x1', 'PermissionDeniedError x1'],
  'a rate limit': ['RateLimitError x2', 'RateLimitError x2'],
  'status 500': ['InternalServerError x2', 'InternalServerError x2'],
  'an overload': ['OverloadedError x2', 'OverloadedError x2'],
  'an error event': ['OverloadedError x2', 'APIError x1'],
  'a reset before the head': ['APIConnectionError x2', 'APIConnectionError x2'],
  'a reset in the answer': ['TypeError x1', 'AnthropicError x1'],
  'a cut after the head': ['TypeError x1', 'AnthropicError x1'],
  'a cut': ['TypeError x1', 'AnthropicError x1'],
  'a cut inside a frame': ['TypeError x1', 'AnthropicError x1'],
  'no message_stop': ['ok x1', 'AnthropicError x1'],
  'broken JSON': ['SyntaxError x1', 'AnthropicError x1'],
  'a broken frame': ['SyntaxError x1', 'AnthropicError x1'],
}

const aws: Outcomes = {
  ...readable,
  'status 400': ['ValidationException x1', 'ValidationException x1'],
  'status 403': ['AccessDeniedException x1', 'AccessDeniedException x1'],
  'a rate limit': ['ThrottlingException x2', 'ThrottlingException x2'],
  'status 500': ['InternalServerException x2', 'InternalServerException x2'],
  'an overload': ['ServiceUnavailableException x2', 'ServiceUnavailableException x2'],
  'an error event': ['ServiceUnavailableException x2', 'ServiceUnavailableException x1'],
  // Over HTTP/2 the client reports a lost connection as a timeout.
  'a reset before the head': ['TimeoutError x2', 'TimeoutError x2'],
  'a reset in the answer': ['Error x1', 'Error x1'],
  'a cut after the head': ['Error x1', 'Error x1'],
  'a cut': ['Error x1', 'Error x1'],
  'a cut inside a frame': ['Error x1', 'Error x1'],
  'no message_stop': ['ok x1', 'ok x1'],
  'broken JSON': ['SyntaxError x1', 'SyntaxError x1'],
  'a broken frame': ['SyntaxError x1', 'Error x1'],
}

const openAi: Outcomes = {
  ...anthropic,
  'an overload': ['InternalServerError x2', 'InternalServerError x2'],
  'an error event': ['InternalServerError x2', 'APIError x1'],
  'a reset in the answer': ['TypeError x1', 'TypeError x1'],
  'a cut after the head': ['TypeError x1', 'TypeError x1'],
  'a cut': ['TypeError x1', 'TypeError x1'],
  'a cut inside a frame': ['TypeError x1', 'TypeError x1'],
  'no message_stop': ['ok x1', 'ok x1'],
  'broken JSON': ['SyntaxError x1', 'SyntaxError x1'],
  'a broken frame': ['SyntaxError x1', 'SyntaxError x1'],
}

/** The AI SDK retries a body that breaks off, and reports every call that it gave up after a retry as a RetryError. */
const aiSdk: Outcomes = {
  ...readable,
  'status 400': ['AI_APICallError x1', 'AI_APICallError x1'],
  'status 403': ['AI_APICallError x1', 'AI_APICallError x1'],
  'a rate limit': ['AI_RetryError x2', 'AI_RetryError x2'],
  'status 500': ['AI_RetryError x2', 'AI_RetryError x2'],
  'an overload': ['AI_RetryError x2', 'AI_RetryError x2'],
  'an error event': ['AI_RetryError x2', 'AI_StreamProviderError x1'],
  'a reset before the head': ['AI_RetryError x2', 'AI_RetryError x2'],
  'a reset in the answer': ['AI_RetryError x2', 'AI_APICallError x1'],
  'a cut after the head': ['AI_RetryError x2', 'AI_RetryError x2'],
  'a cut': ['AI_RetryError x2', 'AI_APICallError x1'],
  'a cut inside a frame': ['AI_RetryError x2', 'AI_APICallError x1'],
  'no message_stop': ['ok x1', 'ok x1'],
  'broken JSON': ['AI_APICallError x1', 'AI_JSONParseError x1'],
  'a broken frame': ['AI_APICallError x1', 'AI_JSONParseError x1'],
}

/** LangChain retries by its own rule whatever a plain call throws, except for some statuses. */
const langChain: Outcomes = {
  ...openAi,
  'a reset in the answer': ['TypeError x2', 'TypeError x1'],
  'a cut after the head': ['TypeError x2', 'TypeError x1'],
  'a cut': ['TypeError x2', 'TypeError x1'],
  'a cut inside a frame': ['TypeError x2', 'TypeError x1'],
  'broken JSON': ['SyntaxError x2', 'SyntaxError x1'],
  'a broken frame': ['SyntaxError x2', 'SyntaxError x1'],
}

const outcomes: Readonly<Record<string, Outcomes>> = {
  Anthropic: anthropic,
  Foundry: anthropic,
  Vertex: anthropic,
  Bedrock: {
    ...anthropic,
    'an overload': ['ServiceUnavailableError x2', 'ServiceUnavailableError x2'],
    'an error event': ['ServiceUnavailableError x2', 'APIError x1'],
  },
  'AWS InvokeModel': aws,
  'AWS Converse': aws,
  OpenAI: openAi,
  'AI SDK': aiSdk,
  LangChain: langChain,
}

const clients: readonly FaultClient[] = [...anthropicClients, ...awsClients, ...otherClients]

describe.each(clients)('the client $name', (client) => {
  test.concurrent.each(typedEntries(outcomes[client.name]))('meets %s', async (name, [plain, stream]) => {
    expect(await meet(client.plain, faults[name])).toBe(plain)
    expect(await meet(client.stream, faults[name])).toBe(stream)
  })

  test.concurrent('recovers by a retry from one overload', async () => {
    for (const call of [client.plain, client.stream])
      expect(await meet(call, faults['an overload'], { times: 1 })).toBe('ok x2')
  })
})

describe('by default', () => {
  // LangChain allows six retries, with pauses that double.
  test.concurrent.each(clients.filter(({ name }) => name !== 'LangChain'))(
    '$name sends three requests before it gives up',
    async ({ plain }) => {
      expect(await meet(plain, faults['an overload'], { maxRetries: undefined })).toMatch(/ x3$/)
    },
  )
})

interface MeetOptions {
  /** The number of requests that get the fault. */
  readonly times?: number
  readonly maxRetries?: number | undefined
}

/** Calls an emulator of its own, whose next requests get the fault. */
async function meet(call: Call, fault: Fault, options: MeetOptions = {}): Promise<string> {
  const { times = 20, maxRetries } = { maxRetries: 1, ...options }
  const emulator = createEmulator()
  const server = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
  emulator.failNext(fault, times)
  try {
    const outcome = await call(server.url, maxRetries).then(() => 'ok', nameError)
    return `${outcome} x${emulator.requests.length}`
  } finally {
    await server.close()
  }
}

/** Some classes of errors do not set their name. */
function nameError(error: unknown): string {
  const { name, constructor } = error as Error // These clients throw nothing else.
  return name === 'Error' ? constructor.name : name
}

function typedEntries(expected: Outcomes | undefined): [FaultName, Outcomes[FaultName]][] {
  // An object with exactly these names.
  return Object.entries(expected ?? {}) as [FaultName, Outcomes[FaultName]][]
}
