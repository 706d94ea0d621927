import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { onTestFinished } from 'vitest'

import { createEmulator, listenEmulator, openCassettes } from '../../src/index.ts'
import type { Emulator, EmulatorOptions, ReplayOptions } from '../../src/index.ts'
import { createSocketUpstream } from './socket-upstream.ts'

export interface Listening {
  readonly url: string
  readonly emulator: Emulator
}

/** Starts an emulator on a free port until the end of the test. */
export async function listen(options: EmulatorOptions = {}): Promise<Listening> {
  const emulator = createEmulator(options)
  const server = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
  onTestFinished(async () => {
    await server.close()
    emulator.close()
  })
  return { url: server.url, emulator }
}

export function createFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'cassettes-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A recording proxy in front of an emulator, everything over sockets. */
export async function record(
  folder: string,
  options: Partial<ReplayOptions> = {},
  upstream: EmulatorOptions = {},
): Promise<Listening> {
  const live = await listen(upstream)
  return listen({
    replay: {
      cassettes: openCassettes(folder, { create: true }),
      mode: 'record-all',
      upstream: createSocketUpstream(live.url),
      ...options,
    },
  })
}

/** Answers from the cassettes in a folder, and from nothing else. */
export function replay(folder: string, options: Partial<ReplayOptions> = {}): Promise<Listening> {
  return listen({ replay: { cassettes: openCassettes(folder), ...options } })
}

export interface Answer {
  readonly status: number
  readonly type: string | null
  readonly notice: string | null
  readonly bytes: Buffer
  readonly text: string
}

export interface Call {
  readonly path: string
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export async function send({ url }: Listening, { path, body, headers = {} }: Call): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const bytes = Buffer.from(await response.arrayBuffer())
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    notice: response.headers.get('x-anthology-notice'),
    bytes,
    text: bytes.toString(),
  }
}

/** The texts of all files in a folder, by name. */
export function readFolder(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder).toSorted()
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}

/** A call of the Messages API. */
export function ask(content: unknown, more: Readonly<Record<string, unknown>> = {}): Call {
  return {
    path: '/v1/messages',
    headers: { 'anthropic-version': '2023-06-01', 'x-api-key': 'any' },
    body: { model: 'claude-sonnet-4-5', max_tokens: 60, messages: [{ role: 'user', content }], ...more },
  }
}

/** The same question in each protocol, plain or streamed. */
export const protocols: readonly (readonly [name: string, create: (text: string) => Call])[] = [
  ['messages', (text) => ask(text)],
  ['messages, streamed', (text) => ask(text, { stream: true })],
  ['openai', (text) => createChat(text, false)],
  ['openai, streamed', (text) => createChat(text, true)],
  ['bedrock invoke', (text) => createInvoke(text, 'invoke')],
  ['bedrock invoke, streamed', (text) => createInvoke(text, 'invoke-with-response-stream')],
  ['bedrock converse', (text) => createConverse(text, 'converse')],
  ['bedrock converse, streamed', (text) => createConverse(text, 'converse-stream')],
  ['vertex', (text) => createVertex(text, 'rawPredict')],
  ['vertex, streamed', (text) => createVertex(text, 'streamRawPredict')],
]

function createChat(text: string, stream: boolean): Call {
  const messages = [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: text },
  ]
  return {
    path: '/v1/chat/completions',
    body: { model: 'claude-sonnet-4-5', max_tokens: 60, messages, stream },
  }
}

const bedrockModel = 'anthropic.claude-sonnet-4-5-20250929-v1%3A0'

function createInvoke(text: string, operation: string): Call {
  const messages = [{ role: 'user', content: text }]
  return {
    path: `/model/us.${bedrockModel}/${operation}`,
    body: { anthropic_version: 'bedrock-2023-05-31', max_tokens: 60, messages },
  }
}

function createConverse(text: string, operation: string): Call {
  return {
    path: `/model/us.${bedrockModel}/${operation}`,
    body: { messages: [{ role: 'user', content: [{ text }] }], inferenceConfig: { maxTokens: 60 } },
  }
}

function createVertex(text: string, method: string): Call {
  return {
    path: `/v1/projects/my-project/locations/us-east5/publishers/anthropic/models/claude-sonnet-4-5@20250929:${method}`,
    body: {
      anthropic_version: 'vertex-2023-10-16',
      max_tokens: 60,
      stream: method === 'streamRawPredict',
      messages: [{ role: 'user', content: text }],
    },
  }
}
