import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import { decodeSse } from '@anthology/wire'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { startAnthology, startServer } from './anthology-process.ts'
import type { AnthologyProcess } from './anthology-process.ts'

let folder = ''
const started: AnthologyProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anthology-record-'))
})

afterEach(async () => {
  for (const running of started.splice(0)) await running.close()
  rmSync(folder, { recursive: true, force: true })
})

const key = 'sk-ant-api03-CANARY0123456789abcdef'
const question = {
  model: 'claude-sonnet-4-5',
  max_tokens: 60,
  stream: true,
  messages: [{ role: 'user', content: `What does ${key} open?` }],
}

test('the emulator records in front of an API, and replays without it', async () => {
  const live = await emulate([])
  const proxy = await emulate(['--record', 'cassettes', '--upstream', `${live}/prefix`, '--record-in-ci'])
  const recorded = await ask(proxy, question)
  const written = readCassettes('cassettes')
  const replayed = await ask(await emulate(['--replay', 'cassettes']), question)
  const [file = ''] = readdirSync(join(folder, 'cassettes'))
  const alone = await ask(await emulate(['--replay', join('cassettes', file)]), question)

  expect(recorded.status).toBe(200)
  expect(recorded.text).toContain('event: message_stop')
  expect(written).not.toContain('CANARY')
  expect(written).toContain('What does [redacted] open?')
  expect(joinTexts(replayed.text)).toBe(joinTexts(recorded.text).replaceAll(key, '[redacted]'))
  expect(alone.text).toBe(replayed.text)
})

test('a request without a recording fails with the nearest one, and record-missing adds it', async () => {
  const live = await emulate([])
  const record = ['--upstream', live, '--record-in-ci']
  await ask(await emulate(['--record', 'cassettes', ...record]), question)
  const other = { ...question, messages: [{ role: 'user', content: 'And this one?' }] }
  const miss = await ask(await emulate(['--replay', 'cassettes']), other)
  await ask(await emulate(['--replay', 'cassettes', '--mode', 'record-missing', ...record]), other)

  expect(miss.status).toBe(400)
  expect(miss.text).toMatch(
    /The nearest is what-does-redacted-open-[0-9a-f]{8}\.yaml, exchange 1: last_user is/,
  )
  expect((await ask(await emulate(['--replay', 'cassettes']), other)).status).toBe(200)
})

test('the gateway records what its upstream answers, and an emulator replays it to another gateway', async () => {
  const server = await startServer(folder, ['--record', 'cassettes', '--record-in-ci'])
  started.push(server)
  const recorded = await ask(server.url, question, { 'x-api-key': server.key })
  const replayed = await ask(await emulate(['--replay', 'cassettes']), question)

  expect(recorded.status).toBe(200)
  expect(readCassettes('cassettes')).not.toContain(server.key)
  expect(joinTexts(replayed.text)).toBe(joinTexts(recorded.text).replaceAll(key, '[redacted]'))
})

test('the mode diff prints where a live answer differs from its recording', async () => {
  const live = await emulate(['--seed', 'one'])
  await ask(await emulate(['--record', 'cassettes', '--upstream', live, '--record-in-ci']), question)
  const other = await emulate(['--seed', 'three'])
  const running = await start(['--replay', 'cassettes', '--mode', 'diff', '--upstream', other])
  await ask(String(running.facts['url']), question)

  await expect
    .poll(() => running.errors())
    .toMatch(
      /^POST \/v1\/messages: different \(what-does-redacted-open-[0-9a-f]{8}\.yaml, exchange 1\)\n {2}text was/,
    )
  expect(running.errors()).not.toContain('CANARY')
})

test('a request that is signed with SigV4 is not sent to another host, and the error says what to do', async () => {
  const proxy = await emulate([
    '--record',
    'cassettes',
    '--upstream',
    'https://bedrock-runtime.us-east-1.amazonaws.com',
    '--record-in-ci',
  ])
  const path = '/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/invoke'
  const body = JSON.stringify({
    anthropic_version: 'bedrock-2023-05-31',
    max_tokens: 9,
    messages: question.messages,
  })
  const { host, hostname } = new URL(proxy)
  const signer = new SignatureV4({
    service: 'bedrock',
    region: 'us-east-1',
    sha256: Sha256,
    credentials: { accessKeyId: 'AKIDTEST', secretAccessKey: 'secret' },
  })
  const signed = await signer.sign({
    method: 'POST',
    protocol: 'http:',
    hostname,
    path,
    headers: { host, 'content-type': 'application/json' },
    body,
  })
  const response = await fetch(proxy + path, { method: 'POST', headers: signed.headers, body })

  expect(response.status).toBe(400)
  expect(response.headers.get('x-amzn-errortype')).toContain('ValidationException')
  expect(await response.text()).toMatch(/signed with AWS SigV4 .*AWS_BEARER_TOKEN_BEDROCK/)
})

test('fixtures of aimock are answered as a scenario', async () => {
  const fixtures = [{ match: { userMessage: 'open' }, response: { content: 'A door.' } }]
  writeFileSync(join(folder, 'fixtures.json'), JSON.stringify({ fixtures }))
  const url = await emulate(['--scenario', 'fixtures.json'])

  expect(await ask(url, { ...question, stream: false })).toMatchObject({
    status: 200,
    text: expect.stringContaining('"A door."'),
  })
})

async function start(args: readonly string[]): Promise<AnthologyProcess> {
  const running = await startAnthology(['emulate', '--port', '0', ...args], folder)
  started.push(running)
  return running
}

/** Starts `anthology emulate` and returns its URL. */
async function emulate(args: readonly string[]): Promise<string> {
  return String((await start(args)).facts['url'])
}

async function ask(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number; readonly text: string }> {
  const response = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      'x-api-key': key,
      ...headers,
    },
    body: JSON.stringify(body),
  })
  return { status: response.status, text: await response.text() }
}

function readCassettes(name: string): string {
  const names = readdirSync(join(folder, name))
  return names.map((file) => readFileSync(join(folder, name, file), 'utf8')).join('\n')
}

/** The text of a stream, whose pieces may cut a key. */
function joinTexts(stream: string): string {
  return decodeSse(Buffer.from(stream))
    .flatMap(({ data }) => {
      const { delta } = JSON.parse(data) as { delta?: { text?: string } }
      return delta?.text ?? []
    })
    .join('')
}
