import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createEmulator } from '@anthology/emulator'
import { createGateway } from '@anthology/gateway'
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Check, ConformProtocol } from '../../src/conform/check.ts'
import { checks, conformProtocols } from '../../src/conform/checks.ts'
import { exchange } from '../../src/conform/exchange.ts'
import { runChecks } from '../../src/conform/run-checks.ts'
import { describeFacts, nameModel } from '../../src/conform/target.ts'
import { rejectIf, spoilEvents, spoilJson, startBrokenGateway } from './broken-gateway.ts'
import type { Fault, PassedRequest } from './broken-gateway.ts'

const key = 'sk-anthology-conformance-key'
const limitedKey = 'sk-anthology-limited-key'
const aws = {
  accessKeyId: 'AKIAANTHCONFORMTEST1',
  secretAccessKey: 'a-secret-of-forty-letters-as-aws-has-it1',
}

/** A fault for each requirement, by its id without the protocol, and what the row must say. */
type Violations = Readonly<Record<string, readonly [fault: Fault, because: RegExp]>>

const has =
  (text: string) =>
  ({ body }: PassedRequest): boolean =>
    body.includes(text)
const sends =
  (header: string, text = '') =>
  ({ headers }: PassedRequest): boolean =>
    headers[header]?.includes(text) ?? false
const without = (header: string): Fault => ({
  spoil: ({ headers, ...answer }) => ({
    ...answer,
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name !== header)),
  }),
})
const invalid = '{"type":"error","error":{"type":"invalid_request_error","message":"no"},"request_id":"r"}'
const page: Fault = {
  spoil: (answer) =>
    answer.status < 400 ? answer : { ...answer, body: Buffer.from('<html>Error</html>'), headers: {} },
}
const serveAnyway: Fault = {
  change: (request) => ({ ...request, headers: { ...request.headers, 'x-api-key': key } }),
}
let countings = 0

const shared: Violations = {
  'answer.message': [spoilJson(200, (message) => ({ ...message, role: 'user' })), /the role is user/],
  'answer.usage': [
    spoilJson(200, (message) => ({ ...message, usage: { input_tokens: 0, output_tokens: 9 } })),
    /usage.input_tokens is 0/,
  ],
  'answer.stop_reason': [
    spoilJson(200, (message) => ({ ...message, stop_reason: 'end_turn' })),
    /stop_reason is end_turn/,
  ],
  'stream.order': [
    spoilEvents((event) => (event['type'] === 'message_stop' ? null : event)),
    /the last event is message_delta/,
  ],
  'stream.usage': [
    spoilEvents((event) =>
      event['type'] === 'message_start'
        ? { ...event, message: { id: 'msg_1', usage: { input_tokens: 0 } } }
        : event,
    ),
    /input_tokens of message_start is 0/,
  ],
  'stream.stop_reason': [
    spoilEvents((event) =>
      event['type'] === 'message_delta' ? { ...event, delta: { stop_reason: 'end_turn' } } : event,
    ),
    /stop_reason is end_turn/,
  ],
  'stream.incremental': [{}, /the first bytes came after (?:9\d|100) %/],
  'stream.large_max_tokens': [
    rejectIf(({ body }) => /"max_tokens":\d{5}/.test(body), 400, invalid),
    /the status is 400/,
  ],
  'tools.stream': [
    spoilEvents((event) => {
      const { delta } = event as { delta?: { type?: string } }
      return delta?.type === 'input_json_delta'
        ? { ...event, delta: { ...delta, partial_json: '{"' } }
        : event
    }),
    /partial JSON of a tool call does not join/,
  ],
  'tools.result': [rejectIf(has('tool_result'), 400, invalid), /the status is 400/],
  'thinking.round_trip': [
    spoilEvents((event) =>
      (event as { delta?: { type?: string } }).delta?.type === 'signature_delta' ? null : event,
    ),
    /no signature/,
  ],
  'count_tokens.answer': [
    spoilJson(200, () => ({ input_tokens: 0, inputTokens: 0 })),
    /is 0, not a positive number/,
  ],
  'count_tokens.burst': [rejectIf(() => (countings += 1) % 3 === 0, 429), /the statuses differ/],
  'error.invalid': [page, /error|body is not|JSON/i],
  'error.invalid_stream': [
    { spoil: (answer) => (answer.status === 400 ? { ...answer, status: 200 } : answer) },
    /the status is 200, not 400/,
  ],
  'error.credential': [rejectIf(() => true, 500), /the status is 500/],
  'error.retry': [without('x-should-retry'), /x-should-retry is missing/],
  'error.no_credential': [serveAnyway, /the status is 200/],
  'error.model': [page, /error|body is not|JSON/i],
  'error.too_long': [
    spoilJson(
      400,
      (error) =>
        JSON.parse(JSON.stringify(error).replace(/"message":"[^"]*"/, '"message":"too big"')) as unknown,
    ),
    /does not know the message: too big/,
  ],
  'error.rate': [without('retry-after'), /retry-after is missing/],
}

const own: Readonly<Record<ConformProtocol, Violations>> = {
  messages: {
    hello: [rejectIf(({ method }) => method === 'HEAD', 502), /the status is 502/],
    'stream.names': [
      {
        spoil: (answer) => ({
          ...answer,
          body: Buffer.from(answer.body.toString().replaceAll('event: message_stop', 'event: done')),
        }),
      },
      /an event is called done/,
    ],
    'credential.x_api_key': [rejectIf(sends('x-api-key'), 401), /the status is 401/],
    'credential.bearer': [rejectIf(sends('authorization'), 401), /the status is 401/],
    'credential.both_first': [rejectIf(sends('authorization', 'another'), 401), /the status is 401/],
    'credential.both_second': [rejectIf(sends('x-api-key', 'another'), 401), /the status is 401/],
    'headers.client': [rejectIf(sends('x-conformance'), 400), /the status is 400/],
    'headers.session': [rejectIf(sends('x-claude-code-session-id'), 400), /the status is 400/],
    'headers.encoding': [
      { spoil: (answer) => ({ ...answer, headers: { ...answer.headers, 'content-encoding': 'compress' } }) },
      /the encoding is compress/,
    ],
    'betas.claude_code': [rejectIf(sends('anthropic-beta', 'context-management'), 400), /the status is 400/],
    'betas.unknown': [
      rejectIf(sends('anthropic-beta'), 400, invalid),
      /does not name conformance-2001-01-01/,
    ],
    'body.unknown_member': [
      rejectIf(has('conformance_probe'), 400, invalid),
      /does not name conformance_probe/,
    ],
    'body.claude_code': [rejectIf(has('"system":['), 400), /the status is 400/],
    'body.system_message': [rejectIf(has('"role":"system"'), 500), /the status is 500/],
    'model.long_window': [rejectIf(has('[1m]'), 500), /the status is 500/],
    query: [rejectIf(({ path }) => path.includes('conformance'), 404), /the status is 404/],
    'error.too_large': [page, /the body is not/],
    'models.list': [rejectIf(({ path }) => path.startsWith('/v1/models'), 302), /the status is 302/],
    'models.both_credentials': [rejectIf(sends('authorization'), 401), /the status is 401/],
    'models.picker': [
      spoilJson(200, () => ({ data: [{ id: 'gpt-5' }] })),
      /no id contains claude or anthropic: gpt-5/,
    ],
  },
  bedrock: {
    'invoke.request_id': [without('x-amzn-requestid'), /no x-amzn-requestid/],
    'invoke.http2': [{}, /no answer/],
    'stream.http2': [{}, /no answer/],
    'stream.no_sse': [
      spoilEvents((event) => (event['type'] === 'message_stop' ? { type: 'ping' } : event)),
      /has a ping/,
    ],
    'invoke.signed': [rejectIf(sends('authorization', 'AWS4'), 403), /the status is 403/],
    'invoke.wrong_signature': [serveAnyway, /the status is 200/],
    'invoke.probe': [rejectIf(has('"max_tokens":1,'), 400), /the status is 400/],
    'invoke.content_type': [rejectIf(sends('content-type', 'octet-stream'), 415), /the status is 415/],
    'invoke.literal_colon': [rejectIf(({ path }) => path.includes(':'), 404), /the status is 404/],
    'betas.claude_code': [rejectIf(has('anthropic_beta'), 400), /the status is 400/],
    'error.error_type': [
      { spoil: (answer) => ({ ...answer, headers: { ...answer.headers, 'x-amzn-errortype': 'Failure' } }) },
      /x-amzn-errortype is Failure/,
    ],
    'profiles.list': [spoilJson(200, () => ({ profiles: [] })), /no list inferenceProfileSummaries/],
    'profiles.get': [rejectIf(() => true, 404), /the status is 404/],
  },
  vertex: {
    'path.without_version': [rejectIf(({ path }) => !path.startsWith('/v1'), 404), /the status is 404/],
    'path.stream_without_version': [
      rejectIf(({ path }) => !path.startsWith('/v1'), 404),
      /the status is 404/,
    ],
    'path.count_without_version': [rejectIf(({ path }) => !path.startsWith('/v1'), 400), /the status is 400/],
    'path.encoded_at': [rejectIf(({ path }) => path.includes('%40'), 404), /the status is 404/],
    'headers.version': [rejectIf(sends('anthropic-version'), 400), /the status is 400/],
    'betas.claude_code': [rejectIf(sends('anthropic-beta'), 400), /the status is 400/],
    'error.code': [spoilJson(404, () => ({ error: 'no such model' })), /neither Google's shape/],
  },
}

let fast = { url: '', close: async (): Promise<void> => {} }
let slow = fast

beforeAll(async () => {
  fast = await openGateway(0)
  slow = await openGateway(300)
})

afterAll(async () => {
  await Promise.all([fast.close(), slow.close()])
})

const cases = conformProtocols.flatMap((protocol) =>
  checks[protocol].map((check) => ({ id: check.id, protocol, check })),
)

test.each(cases)('finds a gateway that violates $id', async ({ protocol, check }) => {
  const [fault, because] = findViolation(protocol, check)
  const gateway = check.id.endsWith('.incremental') ? slow : fast
  const broken = await startBrokenGateway(gateway.url, fault)

  const [row] = await runChecks([check], createTarget(broken, protocol))

  expect(row).toMatchObject({ id: check.id, result: 'failed', because: expect.stringMatching(because) })
  expect(JSON.stringify(row)).not.toContain(key)
})

test('every violation belongs to a requirement', () => {
  const names = conformProtocols.flatMap((protocol) =>
    [...Object.keys(shared), ...Object.keys(own[protocol])].map((name) => `${protocol}.${name}`),
  )

  expect(new Set(names)).toEqual(new Set(cases.map(({ id }) => id)))
})

test('a gateway that cannot be reached fails every row, and the run ends', async () => {
  const rows = await runChecks(checks.vertex.slice(0, 3), createTarget('http://127.0.0.1:9', 'vertex'))

  expect(rows.map(({ result, because }) => [result, because])).toEqual(
    Array.from({ length: 3 }, () => ['failed', expect.stringContaining('no answer: ')]),
  )
})

function findViolation(protocol: ConformProtocol, { id }: Check): Violations[string] {
  const name = id.slice(protocol.length + 1)
  const found = own[protocol][name] ?? shared[name]
  if (found === undefined) throw new Error(`no broken gateway violates ${id}`)
  return found
}

function createTarget(baseUrl: string, protocol: ConformProtocol) {
  const model = nameModel('claude-haiku-4-5', protocol)
  const facts = describeFacts(model, '2026-11-22')
  return { key, model, facts, limitedKey, aws, send: exchange.bind(null, baseUrl) }
}

/** One gateway for all tests, and one for streams that must be slow enough to be seen to be collected. */
async function openGateway(tokensPerSecond: number): Promise<{ url: string; close(): Promise<void> }> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'anthology-conform-'))
  const gateway = await createGateway({
    accounts: [
      {
        name: 'emulator',
        platform: 'anthropic',
        upstream: createEmulator({ tokensPerSecond, keepRequests: false }),
        secrets: [],
      },
    ],
    dataFolder,
    keys: [
      { id: 'conform', name: 'conform', secret: key, aws },
      { id: 'limited', name: 'limited', secret: limitedKey },
    ],
    rates: { keys: { limited: { requests_per_minute: 0 } } },
    limits: { drainMs: 200 },
  })
  const { url } = await gateway.listen(0, '127.0.0.1')
  const close = async (): Promise<void> => {
    await gateway.close()
    rmSync(dataFolder, { recursive: true, force: true })
  }
  return { url, close }
}
