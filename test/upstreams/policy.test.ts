import { createEmulator, listenEmulator } from '@anthology/emulator'
import { describe, expect, onTestFinished, test } from 'vitest'

import { ask } from '../../gateway/test/http-client.ts'
import { localKey } from '../../gateway/test/running-gateway.ts'
import { cloudNames, describeCloud, emulatorCredentials, startBefore, startCloud } from './clouds.ts'
import type { CloudName } from './clouds.ts'

const clouds = cloudNames.filter((name) => name !== 'anthropic')

describe.each(clouds)('%s', (cloud) => {
  test('gets no beta that it rejects, and the client is told', async () => {
    const { answer, sent } = await send(
      cloud,
      'claude-haiku-4-5',
      {},
      { 'anthropic-beta': 'advisor-tool-2026-03-01' },
    )

    expect(answer.status, answer.text).toBe(200)
    expect(answer.headers['x-anthology-notice']).toContain(
      'does not accept the beta advisor-tool-2026-03-01, which was left out',
    )
    expect(sent).not.toContain('advisor-tool')
  })

  test('gets betas where it reads them', async () => {
    const { answer, headers, sent } = await send(
      cloud,
      'claude-haiku-4-5',
      {},
      { 'anthropic-beta': 'context-management-2025-06-27' },
    )

    expect(answer.status, answer.text).toBe(200)
    expect(headers['anthropic-beta']).toBe(cloud === 'invoke' ? undefined : 'context-management-2025-06-27')
    expect(sent.includes('"anthropic_beta":["context-management-2025-06-27"]')).toBe(cloud === 'invoke')
  })

  test('is not asked for what would change the answer', async () => {
    const servers = [{ type: 'url', url: 'https://mcp.example', name: 'tools' }]
    const { answer, sent } = await send(
      cloud,
      'claude-haiku-4-5',
      { mcp_servers: servers },
      { 'anthropic-beta': 'mcp-client-2025-11-20' },
    )

    if (cloud === 'foundry') return expect(answer.status).toBe(200)
    expect([answer.status, sent]).toEqual([400, ''])
    expect(answer.text).toContain('mcp_servers: Extra inputs are not permitted')
  })
})

test.each([
  ['invoke', 'web_search_20250305', 400],
  ['mantle', 'code_execution_20250825', 400],
  ['vertex', 'web_fetch_20250910', 400],
  ['vertex', 'web_search_20250305', 200],
  ['foundry', 'web_search_20250305', 200],
] as const)(
  '%s with the tool %s answers %i, before it is asked for what it lacks',
  async (cloud, type, status) => {
    const name = type.replace(/_\d+$/, '')

    const { answer, sent } = await send(cloud, 'claude-haiku-4-5', { tools: [{ type, name }] }, {})

    expect([answer.status, sent === ''], answer.text).toEqual([status, status === 400])
    if (status === 400) expect(answer.text).toContain(`Input tag '${type}' found`)
  },
)

describe.each(['invoke', 'messages', 'mantle', 'vertex'] as const)(
  '%s lacks sources by URL and file',
  (cloud) => {
    const image = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } }
    const use = { type: 'tool_use', id: 'toolu_1', name: 'draw', input: { image } }
    const result = { type: 'tool_result', tool_use_id: 'toolu_1', content: [image] }
    const more = {
      tools: [{ name: 'draw', input_schema: { type: 'object' } }],
      messages: [
        { role: 'user', content: 'Draw.' },
        { role: 'assistant', content: [use] },
        { role: 'user', content: [result] },
      ],
    }

    test('alone, it is not asked, and the client gets the error', async () => {
      const { answer, sent } = await send(cloud, 'claude-haiku-4-5', more, {})

      expect([answer.status, sent]).toEqual([400, ''])
      expect(answer.text).toContain("Input tag 'url' found")
    })

    test('with another upstream, that one is asked', async () => {
      const emulator = createEmulator(emulatorCredentials)
      const server = await listenEmulator(emulator, { port: 0, host: '127.0.0.1' })
      onTestFinished(() => server.close())
      const gateway = await startBefore([
        describeCloud(cloud, server.url),
        describeCloud('anthropic', server.url),
      ])
      const body = { model: 'claude-haiku-4-5', max_tokens: 20, ...more }

      const answer = await gateway.post(JSON.stringify(body))
      const text = JSON.stringify({ ...body, messages: [{ role: 'user', content: JSON.stringify(more) }] })
      const about = await gateway.post(text)

      expect([answer.status, answer.headers['x-anthology-attempts']], answer.text).toEqual([200, '1'])
      expect(answer.headers['x-anthology-upstream']).toBe('anthropic')
      expect(about.headers['x-anthology-upstream']).toBe(cloud)
    })
  },
)

test.each(['invoke', 'messages', 'mantle', 'foundry'] as const)(
  '%s answers a fast request at the standard speed, and the client is told',
  async (cloud) => {
    const { answer, sent } = await send(
      cloud,
      'claude-opus-5',
      { speed: 'fast' },
      { 'anthropic-beta': 'fast-mode-2026-02-01' },
    )

    expect(answer.status, answer.text).toBe(200)
    expect(sent).not.toContain('speed')
    expect(answer.headers['x-anthology-notice']).toContain(
      'does not accept speed, which was left out: the answer comes at the standard speed and price',
    )
  },
)

test.each(['invoke', 'messages', 'mantle'] as const)(
  '%s gets no automatic caching, and the client is told',
  async (cloud) => {
    const { answer, sent } = await send(cloud, 'claude-opus-5', { cache_control: { type: 'ephemeral' } }, {})

    expect(answer.status, answer.text).toBe(200)
    expect(sent).not.toContain('cache_control')
    expect(answer.headers['x-anthology-notice']).toContain(
      'does not accept cache_control, which was left out',
    )
  },
)

test('Bedrock gets the older version of the API for a model that does not know the newer one', async () => {
  const version = { 'anthropic-version': '2026-10-21' }

  const older = await send('invoke', 'claude-haiku-4-5', {}, version)
  const newer = await send('invoke', 'claude-opus-5', {}, version)

  expect([older.answer.status, newer.answer.status]).toEqual([200, 200])
  expect(older.sent).toContain('"anthropic_version":"bedrock-2023-05-31"')
  expect(newer.sent).toContain('"anthropic_version":"2026-10-21"')
})

/** Sends a request to a cloud; returns the answer and what the emulator was sent, '' if nothing. */
async function send(cloud: CloudName, model: string, more: object, own: Readonly<Record<string, string>>) {
  const { gateway, emulator } = await startCloud(cloud)
  const answer = await ask(`${gateway.url}/v1/messages`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'anthropic-version': '2023-06-01',
      'x-api-key': localKey,
      ...own,
    },
    body: JSON.stringify({ model, max_tokens: 20, messages: [{ role: 'user', content: 'Hello' }], ...more }),
  })
  const [request] = emulator.requests
  return {
    answer,
    headers: request?.headers ?? {},
    sent: new TextDecoder().decode(request?.body ?? new Uint8Array()),
  }
}
