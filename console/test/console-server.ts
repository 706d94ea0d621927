import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createEmulator } from '@anthology/emulator'
import type { Emulator } from '@anthology/emulator'
import { createGateway, createToken } from '@anthology/gateway'
import type { Gateway, GatewayOptions } from '@anthology/gateway'

import { until } from '../../gateway/test/condition.ts'
import { builtFolder } from '../index.js'

/** A gateway with the built console, in front of an emulator in this process. */
export interface ConsoleServer {
  readonly url: string
  readonly dataFolder: string
  readonly key: string
  readonly adminKey: string
  readonly gateway: Gateway
  readonly emulator: Emulator
  /** Sets the clock of the gateway behind the present. */
  setBack(ms: number): void
  /** An address that signs a browser in once. */
  readonly link: string
  /** Calls the admin API with the admin key. */
  admin<Answer>(method: string, path: string, body?: unknown): Promise<Answer>
  /** Waits until a call has ended and is in the store: its row follows the answer by a moment. */
  untilStored(id: string): Promise<void>
  /** Sends a message with a key; by default the local one. */
  call(body: object, options?: { readonly key?: string; readonly headers?: object }): Promise<Response>
  close(): Promise<void>
}

export type ConsoleServerOptions = Partial<GatewayOptions>

export async function startConsoleServer(options: ConsoleServerOptions = {}): Promise<ConsoleServer> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'anthology-console-'))
  const [key, adminKey, linkToken] = ['sk-anthology-console-tests-only', createToken(), createToken()]
  const emulator = createEmulator()
  let behindMs = 0
  const gateway = await createGateway({
    nowMs: () => Date.now() - behindMs,
    accounts: [{ name: 'emulator', platform: 'anthropic', upstream: emulator, secrets: [] }],
    ...options,
    dataFolder,
    keys: [{ id: 'local', name: 'local key', secret: key }],
    adminKey,
    console: { folder: builtFolder, linkToken, isEmulated: true, config: {}, ...options.console },
  })
  const { url } = await gateway.listen(0, '127.0.0.1')
  const isStored = async (id: string) => {
    const response = await fetch(`${url}/admin/v1/calls/${id}`, { headers: { 'x-api-key': adminKey } })
    const { call } = (await response.json()) as { readonly call?: { readonly outcome: string } }
    return call !== undefined && call.outcome !== 'running'
  }
  return {
    url,
    dataFolder,
    key,
    adminKey,
    gateway,
    emulator,
    setBack(ms) {
      behindMs = ms
    },
    link: `${url}/console/#sign-in=${linkToken}`,
    async admin(method, path, body) {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { 'x-api-key': adminKey, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
      const text = await response.text()
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`)
      return (text === '' ? null : JSON.parse(text)) as never
    },
    untilStored: (id) => until(`the call ${id} is stored`, () => isStored(id)),
    call: (body, { key: other = key, headers = {} } = {}) =>
      fetch(`${url}/v1/messages`, {
        method: 'POST',
        headers: {
          'x-api-key': other,
          'content-type': 'application/json',
          'anthropic-version': '2023-06-01',
          ...headers,
        },
        body: JSON.stringify({ max_tokens: 64, model: 'claude-sonnet-4-5', ...body }),
      }),
    async close() {
      await gateway.close()
      rmSync(dataFolder, { recursive: true, force: true })
    },
  }
}
