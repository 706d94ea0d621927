import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { createEmulator } from '../../../src/index.ts'
import { collect, getJson } from '../../collecting-receiver.ts'
import { toError } from '../bedrock/calls.ts'

const emulator = createEmulator({ asOf: '2026-11-22' })
const runtime = '/model/us.anthropic.claude-opus-5'
const vertex = '/v1/projects/p/locations/global/publishers/anthropic/models'

const odd = fc.oneof(
  fc.json(),
  fc.constantFrom('', '{', '{"input":{"invokeModel":{"body":""}}}', '{"messages":[{}]}'),
)
/** Bodies close enough to a request to pass the first checks. */
const near = fc
  .record(
    {
      anthropic_version: fc.constantFrom('bedrock-2023-05-31', 'vertex-2023-10-16', '2026-10-21', 1),
      anthropic_beta: fc.oneof(fc.array(fc.string()), fc.jsonValue()),
      max_tokens: fc.oneof(fc.integer(), fc.jsonValue()),
      model: fc.jsonValue(),
      messages: fc.oneof(
        fc.jsonValue(),
        fc.array(fc.record({ role: fc.constant('user'), content: fc.jsonValue() })),
      ),
      system: fc.jsonValue(),
      inferenceConfig: fc.jsonValue(),
      additionalModelRequestFields: fc.jsonValue(),
      toolConfig: fc.jsonValue(),
      input: fc.record({ converse: fc.jsonValue(), invokeModel: fc.jsonValue() }, { requiredKeys: [] }),
      stream: fc.jsonValue(),
    },
    { requiredKeys: [] },
  )
  .map((body) => JSON.stringify(body))
const bodies = fc.oneof(odd, near).map((text) => new TextEncoder().encode(text))

describe('whatever is sent', () => {
  test('to Bedrock, an error is one of AWS', async () => {
    const paths = [
      ...['invoke', 'invoke-with-response-stream', 'converse', 'converse-stream'].map(
        (each) => `${runtime}/${each}`,
      ),
      '/model/anthropic.claude-opus-5/count-tokens',
    ]
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), bodies, async (path, body) => {
        const answer = await collect(emulator, { path, body })

        if (answer.status === 200) return
        expect(toError(answer)).toEqual([
          400,
          expect.stringMatching(/^(?:Validation|Serialization)Exception$/),
          expect.any(String),
        ])
        expect(answer.headers['x-amzn-requestid']).toMatch(/^[\da-f-]{36}$/)
      }),
      { numRuns: 500 },
    )
  })

  test('to Vertex, an error is one of Google or of the model', async () => {
    const paths = ['claude-opus-5:rawPredict', 'claude-opus-5:streamRawPredict', 'count-tokens:rawPredict']
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), bodies, async (path, body) => {
        const answer = await collect(emulator, { path: `${vertex}/${path}`, body })

        if (answer.status === 200) return
        const said = [getJson(answer)].flat()[0]
        expect(said).toEqual(
          Object.hasOwn(Object(said), 'request_id')
            ? {
                type: 'error',
                error: { type: expect.any(String), message: expect.any(String) },
                request_id: expect.stringMatching(/^req_vrtx_/),
              }
            : { error: { code: answer.status, status: expect.any(String), message: expect.any(String) } },
        )
        expect([400, 404]).toContain(answer.status)
      }),
      { numRuns: 300 },
    )
  })

  test('to the control plane, it is answered', async () => {
    const texts = fc.oneof(fc.string(), fc.constantFrom('1', 'SYSTEM_DEFINED', 'APPLICATION', '%'))
    await fc.assert(
      fc.asyncProperty(texts, texts, texts, async (maxResults, nextToken, type) => {
        const query = new URLSearchParams({ maxResults, nextToken, type }).toString()
        const paths = [
          `/inference-profiles?${query}`,
          `/foundation-models?${query}`,
          `/inference-profiles/${query}`,
        ]
        for (const path of paths) {
          const answer = await collect(emulator, { method: 'GET', path })
          expect([200, 400, 404]).toContain(answer.status)
        }
      }),
    )
  })
})
