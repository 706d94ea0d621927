import { describe, expect, test } from 'vitest'

import { createEmulator } from '../src/index.ts'
import { ask, collect, getJson } from './collecting-receiver.ts'
import type { Collected } from './collecting-receiver.ts'

const emulator = createEmulator({ asOf: '2026-11-22' })
const opus = 'claude-opus-4-1-20250805'
const sonnet = 'claude-sonnet-4-20250514'
const hello = { max_tokens: 10, messages: [{ role: 'user', content: 'Hi' }] }

describe('the Messages API', () => {
  test.each([
    ['claude-opus-4.1', opus],
    ['anthropic/claude-opus-4.1', opus],
    ['claude-opus-4-1-latest', opus],
    ['CLAUDE-OPUS-4-1', opus],
    ['claude-sonnet-4', sonnet],
    ['claude-opus-4-6-latest', 'claude-opus-4-6'],
  ])('serves %s, with a notice that the Claude API would not', async (name, id) => {
    const answer = await callMessages(name)

    expect([answer.status, getJson(answer)]).toMatchObject([200, { model: id }])
    expect(answer.headers['x-anthology-notice']).toContain(
      `the Claude API would not know ${name}, which is taken for ${id}`,
    )
  })

  test.each([
    ['claude-opus-4-6-20260205', 'has no date. Did you mean claude-opus-4-6?'],
    ['claude-2.1', 'claude-2.1 was retired on 2025-07-21; its replacement is claude-opus-4-8.'],
    ['claude-v2:1', 'claude-2.1 was retired on 2025-07-21; its replacement is claude-opus-4-8.'],
    ['claude-3-5-sonnet', 'It is the name of several models: claude-3-5-sonnet-20241022'],
    ['us.anthropic.claude-opus-4-1-20250805-v1:0', `Did you mean ${opus}?`],
    ['claude-opus-4-1@20250805', `Did you mean ${opus}?`],
    ['arn:aws:bedrock:us-east-1:1:provisioned-model/m', 'does not contain its model'],
  ])("rejects %s with the API's text, and a hint in the notice", async (name, hint) => {
    const answer = await callMessages(name)

    expect([answer.status, getJson(answer)]).toMatchObject([404, { error: { message: `model: ${name}` } }])
    expect(answer.headers['x-anthology-notice']).toContain(hint)
  })

  test('finds a single model by the same names, with the same hint', async () => {
    const get = (name: string) => collect(emulator, { method: 'GET', path: `/v1/models/${name}` })

    expect(getJson(await get('claude-sonnet-4.5'))).toMatchObject({ id: 'claude-sonnet-4-5-20250929' })
    expect((await get('claude-opus-4-6-20260205')).headers['x-anthology-notice']).toContain(
      'Did you mean claude-opus-4-6?',
    )
  })

  test('accepts a prompt of 260,000 tokens with [1m], by the beta of the model and the day', async () => {
    const long = { max_tokens: 1, messages: [{ role: 'user', content: 'tea '.repeat(260_000) }] }
    const post = (model: string) => collect(emulator, { path: '/v1/messages', body: { ...long, model } })

    const [wide, usual] = [await post(`${sonnet}[1m]`), await post(sonnet)]

    expect([wide.status, usual.status]).toEqual([200, 400])
    expect(wide.headers['x-anthology-notice']).toContain('[1m] adds the beta context-1m-2025-08-07')
  })

  test('explains that [1m] has no effect', async () => {
    expect((await callMessages('claude-haiku-4-5[1m]')).headers['x-anthology-notice']).toContain(
      '[1m] has no effect: claude-haiku-4-5-20251001 has a context window of 200000 tokens',
    )
  })
})

describe('OpenAI chat completions', () => {
  test('serves the same names, and has the hint in the notice', async () => {
    const post = (model: string) =>
      collect(emulator, { path: '/v1/chat/completions', body: { model, messages: hello.messages } })
    const [found, unknown] = [await post('openrouter/anthropic/claude-opus-4.1'), await post('claude-v2:1')]

    expect([found.status, getJson(found)]).toMatchObject([200, { model: opus }])
    expect(unknown.status).toBe(404)
    expect(unknown.headers['x-anthology-notice']).toContain('its replacement is claude-opus-4-8')
  })
})

describe('Vertex AI', () => {
  test.each([
    ['claude-opus-4-6@default', 'claude-opus-4-6'],
    ['claude-sonnet-4@default', sonnet],
    ['claude-sonnet-4', sonnet],
    ['claude-3-7-sonnet', 'claude-3-7-sonnet-20250219'],
    ['claude-3-5-sonnet', 'claude-3-5-sonnet-20240620'],
    ['claude-3-7-sonnet-latest', 'claude-3-7-sonnet-20250219'],
    ['claude-opus-4.1', opus],
  ])('serves %s, with a notice that the name is uncertain', async (name, id) => {
    const answer = await callVertex(name)

    expect([answer.status, getJson(answer)]).toMatchObject([200, { model: id }])
    expect(answer.headers['x-anthology-notice']).toContain(`${name} is taken for `)
  })

  test('adds the beta of [1m]', async () => {
    const answer = await callVertex('claude-sonnet-4@20250514[1m]')

    expect([answer.status, getJson(answer)]).toMatchObject([200, { model: sonnet }])
    expect(answer.headers['x-anthology-notice']).toContain('[1m] adds the beta context-1m-2025-08-07')
  })

  test.each([
    ['claude-opus-4-1-20250805', 'Did you mean claude-opus-4-1@20250805?'],
    ['claude-opus-4-6@20260205', 'has no date. Did you mean claude-opus-4-6?'],
    ['claude-3-sonnet@20240229', 'was retired on 2025-07-21'],
  ])("rejects %s in Google Cloud's words, and a hint in the notice", async (name, hint) => {
    const answer = await callVertex(name)

    expect([answer.status, getJson(answer)]).toMatchObject([404, { error: { status: 'NOT_FOUND' } }])
    expect(answer.headers['x-anthology-notice']).toContain(hint)
  })
})

describe('Amazon Bedrock', () => {
  const endOfLife = /^This model version has reached the end of its life\./
  const unknown = /^The provided model identifier is invalid\.$/

  test.each([
    ['anthropic.claude-v2:1', 404, endOfLife, 'claude-2.1 was retired on 2025-07-21'],
    ['anthropic.claude-instant-v1', 404, endOfLife, 'its replacement is claude-haiku-4-5-20251001'],
    ['anthropic.claude-3-sonnet-20240229-v1:0:28k', 404, endOfLife, 'its replacement is claude-sonnet-5-5'],
    ['anthropic.claude-opus-4-6-20260205-v1:0', 400, unknown, 'Did you mean anthropic.claude-opus-4-6-v1?'],
    ['claude-opus-4-1', 400, unknown, 'Did you mean anthropic.claude-opus-4-1-20250805-v1:0?'],
    ['arn:aws:bedrock:us-east-1:123456789012:prompt-router/r', 400, unknown, 'does not contain its model'],
    ['anthropic.claude-3-haiku-20240307-v1:0:48k', 400, /on-demand throughput isn’t supported/, null],
  ])("rejects %s in AWS's words, and a hint in the notice", async (name, status, text, hint) => {
    const answer = await callBedrock(name)

    expect([answer.status, getJson(answer)]).toMatchObject([status, { message: expect.stringMatching(text) }])
    if (hint !== null) expect(answer.headers['x-anthology-notice']).toContain(hint)
  })

  test('adds the beta of [1m]', async () => {
    const answer = await callBedrock('us.anthropic.claude-sonnet-4-20250514-v1:0[1m]')

    expect([answer.status, getJson(answer)]).toMatchObject([200, { model: sonnet }])
    expect(answer.headers['x-anthology-notice']).toContain('[1m] adds the beta context-1m-2025-08-07')
  })
})

function callMessages(model: string): Promise<Collected> {
  return collect(emulator, { ...ask('Hi'), body: { ...hello, model } })
}

function callVertex(name: string): Promise<Collected> {
  const path = `/v1/projects/p/locations/global/publishers/anthropic/models/${encodeURIComponent(name)}:rawPredict`
  return collect(emulator, { path, body: { ...hello, anthropic_version: 'vertex-2023-10-16' } })
}

function callBedrock(name: string): Promise<Collected> {
  const body = { ...hello, anthropic_version: 'bedrock-2023-05-31' }
  return collect(emulator, { path: `/model/${encodeURIComponent(name)}/invoke`, body })
}
