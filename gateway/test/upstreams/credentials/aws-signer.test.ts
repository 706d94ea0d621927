import { Sha256 } from '@aws-crypto/sha256-js'
import { SignatureV4 } from '@smithy/signature-v4'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { createAwsSigner } from '../../../src/upstreams/credentials/aws-signer.ts'

test("signs like AWS's own library, whatever the path, the headers and the identity", async () => {
  await fc.assert(
    fc.asyncProperty(models, texts, tokens, times, async (model, value, sessionToken, nowMs) => {
      const identity = {
        accessKeyId: 'AKIASIGNERTESTS00001',
        secretAccessKey: `secret ${value}`,
        ...(sessionToken !== undefined && { sessionToken }),
      }
      const path = `/team/model/${encodeURIComponent(model)}/invoke`
      const headers = { host: 'bedrock.example', 'content-type': 'application/json', accept: value }
      const bodyHash = '0'.repeat(64)
      const library = new SignatureV4({
        credentials: identity,
        region: 'eu-central-1',
        service: 'bedrock',
        sha256: Sha256,
      })

      const own = createAwsSigner('eu-central-1', 'bedrock')
      const signed = own.sign({ method: 'POST', target: path, headers, bodyHash }, identity, nowMs)

      const expected = await library.sign(
        {
          method: 'POST',
          protocol: 'https:',
          hostname: 'bedrock.example',
          path,
          query: {},
          headers: { ...headers, 'x-amz-content-sha256': bodyHash },
        },
        { signingDate: new Date(nowMs) },
      )
      expect(signed['authorization']).toBe(expected.headers['authorization'])
      // The second signature uses the key of the first.
      expect(own.sign({ method: 'POST', target: path, headers, bodyHash }, identity, nowMs)).toEqual(signed)
    }),
    { numRuns: 100 },
  )
})

const models = fc.constantFrom(
  'us.anthropic.claude-opus-4-1-20250805-v1:0',
  'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc',
  "a b+c/d~e'f(g)*h!",
)
const texts = fc.constantFrom('application/json', '*/*', 'a  b\t c', 'x')
const tokens = fc.option(fc.constantFrom('token', 'a+b/c=='), { nil: undefined })
const times = fc.constantFrom(0, 1_764_374_400_000, Date.UTC(2026, 11, 31, 23, 59, 59, 999))
