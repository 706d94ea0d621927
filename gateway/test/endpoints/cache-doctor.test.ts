import { expect, test } from 'vitest'

import { readDetails } from '../../src/ledger/call-details.ts'
import { plain, startUpstream } from '../recording-upstream.ts'
import { localKey, startGateway } from '../running-gateway.ts'
import { ask } from '../http-client.ts'

const adminKey = 'an-admin-key-of-the-tests-only'
const model = 'claude-sonnet-4-5-20250929'
const mark = { cache_control: { type: 'ephemeral' } }
const bearer = { authorization: `Bearer ${localKey}`, 'x-api-key': undefined }

/** An answer that wrote and read a cache. */
function answer(read: number, written: number): string {
  return JSON.stringify({
    id: 'msg_01',
    type: 'message',
    role: 'assistant',
    model,
    content: [{ type: 'text', text: 'Yes.' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: {
      input_tokens: 10,
      output_tokens: 2,
      cache_read_input_tokens: read,
      cache_creation_input_tokens: written,
    },
  })
}

const blocks = [{ type: 'text', text: 'A secret plan.', ...mark }]
const native = { max_tokens: 10, messages: [{ role: 'user', content: blocks }] }
const vertexModels = '/v1/projects/p/locations/us-east5/publishers/anthropic/models'

test.each<[string, string, object, Readonly<Record<string, string | undefined>>]>([
  ['Messages', '/v1/messages', { model, ...native }, {}],
  [
    'OpenAI',
    '/v1/chat/completions',
    { model, max_tokens: 10, messages: [{ role: 'user', content: blocks }] },
    bearer,
  ],
  [
    'InvokeModel',
    `/model/anthropic.${model}-v1:0/invoke`,
    { anthropic_version: 'bedrock-2023-05-31', ...native },
    bearer,
  ],
  [
    'Converse',
    `/model/anthropic.${model}-v1:0/converse`,
    {
      messages: [
        { role: 'user', content: [{ text: 'A secret plan.' }, { cachePoint: { type: 'default' } }] },
      ],
    },
    bearer,
  ],
  [
    'Vertex',
    `${vertexModels}/claude-sonnet-4-5@20250929:rawPredict`,
    { anthropic_version: 'vertex-2023-10-16', ...native },
    bearer,
  ],
])('a call by %s keeps the tags of its blocks, and none of their text', async (_, path, body, headers) => {
  const upstream = await startUpstream(plain(answer(0, 2_000)))
  const gateway = await startGateway({ upstreamUrl: upstream.url })

  const { status } = await gateway.post(JSON.stringify(body), { path, headers })

  const details = String(gateway.rows()[0]?.['details'])
  expect(status).toBe(200)
  expect(details.length).toBeLessThan(400)
  expect(details).not.toMatch(/secret|plan/)
  expect(readDetails(details).blocks).toMatchObject({
    messages: { level: 0, count: 1, tags: expect.stringMatching(/^.{4}$/) },
    breakpoints: ['m1.1'],
  })
})

test.each([
  ['without a breakpoint', true, '', answer(0, 0)],
  ['where tagging is off', false, JSON.stringify(mark).slice(1, -1), answer(0, 2_000)],
])('a call has no tags %s', async (_, tagBlocks, more, text) => {
  const upstream = await startUpstream(plain(text))
  const gateway = await startGateway({ upstreamUrl: upstream.url, tagBlocks })

  await gateway.post(
    `{"model":"${model}","max_tokens":10,"messages":[{"role":"user","content":[{"type":"text","text":"a"${more && `,${more}`}}]}]}`,
  )

  const [row] = gateway.rows()
  expect(row).toMatchObject({ outcome: 'answered' })
  expect(readDetails(row?.['details']).blocks).toBeNull()
})

test('the report names the block that changed, its cost by the rate card, and the breakpoints', async () => {
  const upstream = await startUpstream(plain(answer(0, 2_000)))
  const gateway = await startGateway({ upstreamUrl: upstream.url, adminKey })
  const turn = (tool: string, read: number, written: number) => {
    upstream.answer(plain(answer(read, written)))
    return gateway.post(
      JSON.stringify({
        model,
        ...native,
        tools: ['first', tool].map((name) => ({ name, input_schema: { type: 'object' } })),
      }),
      { headers: { 'x-claude-code-session-id': 'one' } },
    )
  }
  await turn('second', 0, 2_000)
  await turn('second', 2_000, 0)
  await turn('another', 0, 2_100)
  gateway.rows()

  const { text } = await ask(`${gateway.url}/admin/v1/sessions/one/cache`, {
    headers: { 'x-api-key': adminKey },
  })

  expect(JSON.parse(text)).toMatchObject({
    data: [
      { state: 'first', comparison: 'unknown', change: null },
      { state: 'hit', comparison: 'unknown', change: null },
      {
        state: 'changed',
        lost_tokens: 2_000,
        // 2,000 tokens at 3.75 in place of 0.30 USD per million.
        extra_usd: '0.0069',
        comparison: 'changed',
        change: { part: 'tools', from: 2, to: 2, block: null, setting: null, kind: 'changed' },
        breakpoints: [{ part: 'messages', number: 1, block: 1, lifetime: '5m' }],
      },
    ],
    pauses: { five_minutes: 2, one_hour: 0, longer: 0 },
  })
})
