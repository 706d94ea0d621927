import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { listShownRequests } from '../../src/control/list-requests.ts'
import { createEmulator, snapshotRequest } from '../../src/index.ts'

/** Credentials that are recognized by their form, wherever they stand. */
const forms = [
  'sk-ant-api03-Zz9-abcdefghijkl',
  'sk-ant-oat01-abcdefghijkl_mnop',
  'sk-anthology-0123456789abcdef',
  'AKIAIOSFODNN7EXAMPLE',
  'ASIAIOSFODNN7EXAMPLE',
  'ya29.a0AfB_byDEADBEEFDEADBEEF',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLWJ5dGVz',
]

/** Places whose value is a credential of any form. */
const places = [
  { header: 'authorization' },
  { header: 'proxy-authorization' },
  { header: 'x-api-key' },
  { header: 'api-key' },
  { header: 'x-goog-api-key' },
  { header: 'ocp-apim-subscription-key' },
  { header: 'x-amz-security-token' },
  { header: 'cookie' },
  { query: 'key' },
  { query: 'access_token' },
  { query: 'X-Amz-Signature' },
  { query: 'X-Amz-Credential' },
  { query: 'X-Amz-Security-Token' },
  { member: 'authorization_token' },
  { member: 'api_key' },
  { member: 'apiKey' },
  { member: 'client_secret' },
  { member: 'password' },
  { member: 'access_token' },
] as const

test.each(places)('a credential in %j is shown nowhere', async (place) => {
  const shown = await show(place, 'Canary-4711')

  expect(shown).not.toContain('Canary-4711')
  expect(shown).toContain('[redacted]')
})

test('a credential is recognized by its form in any text, header, query and name', async () => {
  const starts = fc.constantFrom('', ' ', '"', 'key=', 'Use ', '\n')
  const ends = fc.constantFrom('', ' ', '"', ',', '\n', '.')
  const where = fc.constantFrom(
    { header: 'x-note' },
    { query: 'note' },
    { member: 'note' },
    { member: 'text' },
  )
  const secrets = fc.tuple(starts, fc.constantFrom(...forms), ends)

  await fc.assert(
    fc.asyncProperty(secrets, where, async ([start, secret, end], place) => {
      const text = `${start}${secret}${end}`
      // A header cannot have a line break.
      const value = 'header' in place ? text.replaceAll('\n', ' ') : text
      expect(await show(place, value)).not.toContain(secret)
    }),
    { numRuns: 200 },
  )
})

test('words and names that only look like credentials stay', async () => {
  const words = [
    'task-ant-hill',
    'monkey',
    'risk-anthology',
    'token',
    'AKIA',
    'eyJ.x.y',
    'the key is under the mat',
  ]

  for (const word of words) expect(await show({ member: 'note' }, word)).toContain(word)
  for (const member of ['max_tokens', 'tokenizer', 'secretary', 'key', 'passwords_changed'])
    expect(await show({ member }, 'stays')).toContain('stays')
})

interface Place {
  readonly header?: string
  readonly query?: string
  readonly member?: string
}

/** Sends a request with the value, and returns it as the control API and as a snapshot show it. */
async function show({ header, query, member }: Place, value: string): Promise<string> {
  const emulator = createEmulator()
  const path = query === undefined ? '/v1/messages' : `/v1/messages?a=1&${query}=${encodeURIComponent(value)}`
  await emulator.fetch(path, {
    method: 'POST',
    headers: header === undefined ? {} : { [header]: value },
    body: JSON.stringify(member === undefined ? {} : { model: 'x', list: [{ [member]: value }] }),
  })
  const [request] = emulator.requests
  if (request === undefined) throw new Error('no request was kept')
  const listed = listShownRequests(emulator.requests, new URLSearchParams())
  const snapshot = snapshotRequest(request, header === undefined ? {} : { headers: [header] })
  return JSON.stringify([listed, snapshot])
}
