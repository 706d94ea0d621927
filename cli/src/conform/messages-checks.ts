import { isRecord, parseJson, readText } from '@anthology/wire'

import { CheckSkip, ensure } from './check.ts'
import type { Check, Target } from './check.ts'
import { ensureStatus, messagesDialect, readEnvelope, readMessage, usualHeaders } from './dialect.ts'
import type { Body } from './dialect.ts'
import type { Exchange } from './exchange.ts'
import { hello } from './hello.ts'

const usual = { input: 60, output: 16 }
const { ask } = messagesDialect
const sessionId = '00000000-0000-4000-8000-000000000000'

/** The requirements of the Messages protocol alone. */
export const messagesChecks: readonly Check[] = [
  {
    id: 'messages.hello',
    asks: 'HEAD /api/hello, which Claude Code sends at its start without a credential, gets an answer.',
    source: 'capture',
    async run(target) {
      const { status } = await target.send({ method: 'HEAD', path: '/api/hello' })
      ensure(status > 0 && status < 500, `the status is ${status}`)
    },
  },
  {
    id: 'messages.stream.names',
    asks: 'The name of each event is the type in its data.',
    source: 'streaming',
    tokens: usual,
    async run(target) {
      const answer = await ask(target, hello, { stream: true })
      ensureStatus(answer, [200])
      const wrong = messagesDialect.readEvents(answer).find(({ name, type }) => name !== type)
      ensure(
        wrong === undefined,
        `an event is called ${wrong?.name ?? 'nothing'}, and its data ${wrong?.type}`,
      )
    },
  },
  ...[
    ['x_api_key', 'The key is accepted as x-api-key.', true, false],
    ['bearer', 'The key is accepted as Authorization: Bearer.', false, true],
    ['both_first', 'A valid x-api-key beside another bearer token is accepted.', true, null],
    ['both_second', 'A valid bearer token beside another x-api-key is accepted.', null, true],
  ].map(([name, asks, first, second]): Check => ({
    id: `messages.credential.${String(name)}`,
    asks: String(asks),
    source: 'capture',
    tokens: usual,
    async run(target) {
      const other = 'sk-for-another-server'
      const headers = {
        ...(first !== false && { 'x-api-key': first === true ? target.key : other }),
        ...(second !== false && { authorization: `Bearer ${second === true ? target.key : other}` }),
      }
      readMessage(await ask(target, hello, { key: null, headers }))
    },
  })),
  {
    id: 'messages.headers.client',
    asks: 'The headers of Claude Code and of its SDK are accepted, and unknown ones are no error.',
    source: 'capture',
    tokens: usual,
    async run(target) {
      const headers = {
        'user-agent': 'claude-cli/2.1.330 (external, sdk-cli)',
        'anthropic-dangerous-direct-browser-access': 'true',
        'x-stainless-retry-count': '0',
        'x-stainless-timeout': '600',
        'x-conformance': 'unknown',
      }
      readMessage(await ask(target, hello, { headers }))
    },
  },
  {
    id: 'messages.headers.session',
    asks: 'The ids of session and agents are accepted.',
    source: 'capture',
    tokens: usual,
    async run(target) {
      const headers = {
        'x-claude-code-session-id': sessionId,
        'x-claude-code-agent-id': sessionId,
        'x-claude-code-parent-agent-id': sessionId,
      }
      readMessage(await ask(target, hello, { headers }))
    },
  },
  {
    id: 'messages.headers.encoding',
    asks: 'A stream is in an encoding that the client offers.',
    source: 'capture',
    tokens: usual,
    async run(target) {
      const answer = await ask(target, hello, { stream: true })
      const encoding = answer.headers['content-encoding'] ?? 'identity'
      ensure(['identity', 'gzip', 'deflate', 'br', 'zstd'].includes(encoding), `the encoding is ${encoding}`)
      messagesDialect.readEvents(answer)
    },
  },
  {
    id: 'messages.betas.claude_code',
    asks: 'The betas that Claude Code sends, with context_management, are served.',
    source: 'capture',
    tokens: { input: 200, output: 1_100 },
    async run(target) {
      const { thinking } = target.facts
      const body: Body = {
        ...hello,
        ...(thinking !== null && {
          max_tokens: thinking.maxTokens,
          thinking: thinking.value,
          context_management: { edits: [{ type: 'clear_thinking_20251015', keep: 'all' }] },
        }),
      }
      readMessage(await ask(target, body, { headers: { 'anthropic-beta': claudeCodeBetas } }))
    },
  },
  {
    id: 'messages.betas.unknown',
    asks: 'A beta that nobody knows is forwarded: the answer is that of the API, which names it.',
    source: 'gateway',
    tokens: usual,
    async run(target) {
      const answer = await ask(target, hello, { headers: { 'anthropic-beta': 'conformance-2001-01-01' } })
      ensureForwarded(answer, 'conformance-2001-01-01')
    },
  },
  {
    id: 'messages.body.unknown_member',
    asks: 'A member that nobody knows is forwarded: the answer is that of the API, which names it.',
    source: 'gateway',
    tokens: usual,
    async run(target) {
      ensureForwarded(await ask(target, { ...hello, conformance_probe: true }), 'conformance_probe')
    },
  },
  {
    id: 'messages.body.claude_code',
    asks: 'The form of a first request of Claude Code is served: system blocks in order, cache_control, metadata.',
    source: 'capture',
    tokens: { input: 120, output: 16 },
    async run(target) {
      const cached = { cache_control: { type: 'ephemeral' } }
      const user = JSON.stringify({ device_id: 'd', account_uuid: '', session_id: sessionId })
      const system = [
        { type: 'text', text: 'x-anthropic-billing-header: cc_version=2.1.330.abc; cc_entrypoint=sdk-cli;' },
        { type: 'text', text: 'You are an agent.', ...cached },
        { type: 'text', text: 'Answer shortly.', ...cached },
      ]
      readMessage(await ask(target, { ...hello, system, metadata: { user_id: user } }))
    },
  },
  {
    id: 'messages.body.system_message',
    asks: 'A message with the role system in mid-conversation is served, or refused by the API.',
    source: 'capture',
    tokens: usual,
    async run(target) {
      const system = { role: 'system', content: [{ type: 'text', text: 'Answer shortly.' }] }
      const messages = [{ role: 'user', content: 'Hello' }, system]
      const answer = await ask(target, { max_tokens: 16, messages })
      ensureStatus(answer, [200, 400])
      if (answer.status === 400) readEnvelope(answer, 'invalid_request_error')
    },
  },
  {
    id: 'messages.model.long_window',
    asks: 'A name with [1m] is served, or refused in the shape of the API.',
    source: 'gateway',
    tokens: usual,
    async run(target) {
      const answer = await ask(target, hello, { model: `${target.model}[1m]` })
      ensureStatus(answer, [200, 400, 403, 404, 429])
      if (answer.status !== 200) readEnvelope(answer)
    },
  },
  {
    id: 'messages.query',
    asks: 'Unknown parameters of the query are no error.',
    source: 'gateway',
    tokens: usual,
    async run(target) {
      const headers = { ...usualHeaders, 'x-api-key': target.key }
      const body = JSON.stringify({ model: target.model, ...hello })
      readMessage(await target.send({ path: '/v1/messages?beta=true&conformance=1', headers, body }))
    },
  },
  {
    id: 'messages.error.too_large',
    asks: 'A body above 32 MB gets a 413 of type request_too_large.',
    source: 'errors',
    async run(target) {
      const messages = [{ role: 'user', content: 'x'.repeat(33 * 1024 * 1024) }]
      const answer = await ask(target, { max_tokens: 1, messages })
      ensureStatus(answer, [413])
      readEnvelope(answer, 'request_too_large')
    },
  },
  {
    id: 'messages.models.list',
    asks: 'GET /v1/models?limit=1000 lists ids within 3 seconds without a redirect, or is a clean 404.',
    source: 'gateway',
    async run(target) {
      const list = await listModels(target)
      ensure(list.lastMs < 3_000, `the answer took ${Math.round(list.lastMs)} ms; Claude Code waits 3,000 ms`)
      ensure(list.ids.length > 0, 'the list is empty')
    },
  },
  {
    id: 'messages.models.both_credentials',
    asks: 'The list accepts the key as a bearer token beside another x-api-key, as apiKeyHelper and a variable send them.',
    source: 'capture',
    async run(target) {
      await listModels(target, {
        'x-api-key': 'sk-for-another-server',
        authorization: `Bearer ${target.key}`,
      })
    },
  },
  {
    id: 'messages.models.picker',
    asks: "The list has ids that contain claude or anthropic; Claude Code's picker shows no others.",
    source: 'gateway',
    async run(target) {
      const { ids } = await listModels(target)
      ensure(
        ids.some((id) => /claude|anthropic/i.test(id)),
        `no id contains claude or anthropic: ${ids.slice(0, 5).join(', ')}`,
      )
    },
  },
]

/** Those that every model takes; a real list also has betas of the newest models. */
const claudeCodeBetas =
  'claude-code-20250219,interleaved-thinking-2025-05-14,context-management-2025-06-27,effort-2025-11-24'

/** Served, or refused in the words of the API, which name what was sent. */
function ensureForwarded(answer: Exchange, name: string): void {
  if (answer.status === 200) return
  ensureStatus(answer, [200, 400])
  const message = readEnvelope(answer, 'invalid_request_error')
  const isNamed = message.includes(name) || bedrocksWords.test(message)
  ensure(isNamed, `the message does not name ${name}: ${message.slice(0, 200)}`)
}

/** Amazon Bedrock does not name the beta that it rejects. */
const bedrocksWords = /^invalid beta flag$/

async function listModels(
  target: Target,
  credential: Readonly<Record<string, string>> = { 'x-api-key': target.key },
) {
  const headers = { ...credential, 'anthropic-version': '2023-06-01', accept: 'application/json' }
  const answer = await target.send({ method: 'GET', path: '/v1/models?limit=1000', headers })
  if (answer.status === 404) throw new CheckSkip('the gateway lists no models: 404')
  ensureStatus(answer, [200])
  const parsed = parseJson(answer.text)
  const data: unknown = isRecord(parsed) ? parsed['data'] : undefined
  ensure(Array.isArray(data), 'the answer has no list data')
  const ids = data.map((item: unknown) => readText(item, 'id') ?? '')
  ensure(!ids.includes(''), 'a model of the list has no id')
  return { ids, lastMs: answer.arrivedMs.at(-1) ?? 0 }
}
