import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createEmulator } from '../../src/index.ts'

const paths = [
  '/v1/messages/batches',
  '/v1/messages/batches/x',
  '/v1/messages/batches/%E0%A4%A/cancel',
  '/v1/messages/batches/x/results',
  '/v1/files',
  '/v1/files/constructor',
  '/v1/files/x/content',
  '/v1/chat/completions',
  '/v1/models',
  '/v1/models/__proto__',
  '/v1/complete',
  '/v1',
] as const
const queries = [
  '',
  '?limit=1',
  '?limit=x',
  '?after_id=x',
  '?page=page_',
  '?ids[]=',
  '?lifecycle[]=x',
  '?%%%',
] as const
const headers = fc.record(
  {
    'anthropic-version': fc.constantFrom('2023-06-01', '2026-10-21', 'x'),
    'anthropic-beta': fc.constantFrom('files-api-2025-04-14', ',', 'x'),
    'content-type': fc.constantFrom('application/json', 'multipart/form-data; boundary=b', 'text/plain', ';'),
    origin: fc.constant('https://app.example'),
    'anthropic-dangerous-direct-browser-access': fc.constantFrom('true', 'no'),
  },
  { requiredKeys: [] },
)
const bodies = fc.oneof(
  fc.json(),
  fc.constantFrom('', '{', '--b--', '--b\r\nContent-Disposition: form-data; name="file"\r\n\r\nx\r\n--b--'),
  fc
    .array(fc.record({ custom_id: fc.string(), params: fc.object() }))
    .map((requests) => JSON.stringify({ requests })),
)

test('whatever is sent to any path, the response is one of the API', async () => {
  const emulator = createEmulator({ asOf: '2026-11-01' })
  const method = fc.constantFrom('GET', 'POST', 'DELETE', 'PUT', 'OPTIONS')
  await fc.assert(
    fc.asyncProperty(
      method,
      fc.tuple(fc.constantFrom(...paths), fc.constantFrom(...queries)),
      fc.tuple(headers, bodies),
      async (how, [path, query], [sent, body]) => {
        const request = { method: how, headers: sent, ...(how !== 'GET' && { body }) }
        const response = await emulator.fetch(path + query, request)
        const text = await response.text()

        expect(response.headers.get('request-id')).toMatch(/^req_/)
        if (response.status !== 200) {
          expect(response.status).toBeLessThan(500)
          expect(JSON.parse(text)).toMatchObject({
            error: { type: expect.any(String), message: expect.any(String) },
          })
        }
      },
    ),
    { numRuns: 400 },
  )
})
