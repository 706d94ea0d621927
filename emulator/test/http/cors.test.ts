import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../src/index.ts'
import { ask, collect, getJson } from '../collecting-receiver.ts'

const emulator = createEmulator({ keys: ['sk-good'] })
const access = { 'anthropic-dangerous-direct-browser-access': 'true' }
const origin = 'https://app.example'

describe('a preflight', () => {
  const validateRequests = (asked: string) =>
    collect(emulator, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': asked },
    })

  test('that announces the header is accepted without a key', async () => {
    const asked = 'anthropic-dangerous-direct-browser-access,anthropic-version,content-type,x-api-key'
    const { status, headers, bytes } = await validateRequests(asked)

    expect(status).toBe(200)
    expect(bytes).toHaveLength(0)
    expect(headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': expect.stringContaining('POST'),
      'access-control-allow-headers': asked,
    })
  })

  test('without the header is rejected', async () => {
    const { headers } = await validateRequests('content-type,x-api-key')

    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})

describe('a call from a page', () => {
  test('can be read by the page, including ids and notices', async () => {
    const headers = { origin, ...access, 'x-api-key': 'sk-good' }
    const answer = await collect(emulator, { body: ask('Hi'), headers })

    expect(answer.status).toBe(200)
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-expose-headers': expect.stringContaining('request-id'),
    })
  })

  test('can be read by the page if it fails', async () => {
    const answer = await collect(emulator, { body: ask('Hi'), headers: { origin, ...access } })

    expect(answer.status).toBe(401)
    expect(answer.headers).toHaveProperty('access-control-allow-origin', '*')
  })

  test('is rejected without the header', async () => {
    const answer = await collect(emulator, { body: ask('Hi'), headers: { origin, 'x-api-key': 'sk-good' } })

    expect(answer.status).toBe(401)
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
    expect(getJson(answer)).toMatchObject({
      error: {
        type: 'authentication_error',
        message: "CORS requests must set 'anthropic-dangerous-direct-browser-access' header",
      },
    })
  })
})

test('a call without an origin has no CORS headers', async () => {
  const { headers } = await collect(emulator, {
    body: ask('Hi'),
    headers: { 'x-api-key': 'sk-good', ...access },
  })

  expect(headers).not.toHaveProperty('access-control-allow-origin')
})
