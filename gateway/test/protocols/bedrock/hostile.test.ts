import { expect, test } from 'vitest'

import { ask } from '../../http-client.ts'
import { connectRaw } from '../../raw-client.ts'
import { plain, startUpstream } from '../../recording-upstream.ts'
import type { Script } from '../../recording-upstream.ts'
import { expectEnvelope } from '../../api-errors.ts'
import { localKey } from '../../running-gateway.ts'
import { message } from '../../samples.ts'
import {
  askSigned,
  expectException,
  invoke,
  invokeBody,
  profileOpus,
  startAwsGateway,
} from '../aws-client.ts'

const version = '"anthropic_version":"bedrock-2023-05-31"'

const refused: readonly (readonly [string, string, number, string, RegExp])[] = [
  ['no JSON', '{"anthropic_version":', 400, 'ValidationException', /./],
  ['an array', '[]', 400, 'ValidationException', /./],
  ['nothing', '', 400, 'ValidationException', /./],
  [
    'a model',
    invokeBody.replace('{', '{"model":"claude-opus-4-1",'),
    400,
    'ValidationException',
    /^model: Extra inputs/,
  ],
  [
    'a wish for a stream',
    invokeBody.replace('{', '{"stream":true,'),
    400,
    'ValidationException',
    /^stream: Extra inputs/,
  ],
  [
    'no version',
    '{"max_tokens":1,"messages":[]}',
    400,
    'ValidationException',
    /required key \[anthropic_version\]/,
  ],
  ['two versions', invokeBody.replace('{', `{${version},`), 400, 'ValidationException', /anthropic_version/],
  [
    'a version of elsewhere',
    invokeBody.replace('bedrock-2023-05-31', 'vertex-2023-10-16'),
    400,
    'ValidationException',
    /^Invalid API version/,
  ],
  [
    'betas that are no list',
    invokeBody.replace('{', '{"anthropic_beta":"a",'),
    400,
    'ValidationException',
    /^anthropic_beta/,
  ],
  ['an escaped member', invokeBody.replace('{', '{"mod\\u0065l":"x",'), 400, 'ValidationException', /./],
]

test('rejects invalid InvokeModel bodies with the error texts of AWS, and bills nothing', async () => {
  const { gateway, upstream } = await startBoth(plain(message))

  for (const [what, body, status, type, says] of refused) {
    expectException(await invoke(gateway, body), { status, type, says }, what)
  }
  expect([gateway.rows(), upstream.requests]).toEqual([[], []])
})

// They would become a header of the request to the upstream, which fails before it is sent: five such requests would
// have marked the upstream as down for everybody.
test.each([
  ['a line break', 'context-1m-2025-08-07\nx-api-key: evil'],
  ['a null byte', 'a\u0000b'],
  ['a character beyond Latin 1', '😀'],
  ['more than a header holds', 'a'.repeat(10_000)],
])('rejects a beta with %s, and takes the upstream for healthy', async (_, beta) => {
  const { gateway, upstream } = await startBoth(plain(message))
  const invoked = invokeBody.replace('{', `{"anthropic_beta":${JSON.stringify([beta])},`)
  const conversed = JSON.stringify({
    messages: [{ role: 'user', content: [{ text: 'Hello' }] }],
    additionalModelRequestFields: { anthropic_beta: [beta] },
  })
  const ways = [
    ['invoke', invoked],
    ['invoke-with-response-stream', invoked],
    ['converse', conversed],
    ['converse-stream', conversed],
  ] as const

  for (const [operation, body] of [...ways, ...ways]) {
    const answer = await askSigned(gateway, `/model/${profileOpus}/${operation}`, { body })
    // A member of InvokeModel that is read has 4 KB at most.
    const says = /^(?:invalid beta flag|anthropic_beta: Input should be a valid list)$/
    expectException(answer, { status: 400, type: 'ValidationException', says }, operation)
  }
  const after = await invoke(gateway, invokeBody)

  expect([after.status, upstream.requests.length]).toEqual([200, 1])
})

/** Each with its notice; the error text is the same for all. */
const wrongModels: readonly (readonly [string, string, RegExp | null])[] = [
  ['an unknown id', 'us.anthropic.claude-opus-9', /^model: us\.anthropic\.claude-opus-9\. Did you mean /],
  ['10,000 letters', 'a'.repeat(10_000), null],
  ['an id that was encoded twice', profileOpus.replace(':', '%253A'), null],
  ['a broken escape', 'us.anthropic%ZZ', null],
  ['a null byte', 'us.anthropic.claude%00', null],
  [
    'an ARN without a model',
    encodeURIComponent('arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123'),
    /^model: arn:aws:bedrock:us-east-1:123456789012:application-inference-profile\/abc123/,
  ],
  ['an ARN of another service', encodeURIComponent('arn:aws:s3:::bucket/key'), null],
]

test('rejects unknown models with the error texts of AWS, and bills nothing', async () => {
  const { gateway, upstream } = await startBoth(plain(message))

  for (const [what, id, notice] of wrongModels) {
    for (const [operation, body] of bodies) {
      const answer = await askSigned(gateway, `/model/${id}/${operation}`, { body })
      const says = 'The provided model identifier is invalid.'
      expectException(answer, { status: 400, type: 'ValidationException', says }, `${what} ${operation}`)
      const told = answer.headers['x-anthology-notice']
      if (notice === null) expect(told, what).toBeUndefined()
      else expect(told, what).toMatch(notice)
    }
  }
  expect([gateway.rows(), upstream.requests]).toEqual([[], []])
})

const wrongPaths: readonly (readonly [string, number])[] = [
  [`//model/${profileOpus}/invoke`, 400],
  [`/a//model/${profileOpus}/invoke`, 400],
  [`/a/../model/${profileOpus}/invoke`, 400],
  [`/a%2Fb/model/${profileOpus}/invoke`, 400],
  [`/%2e%2e/model/${profileOpus}/invoke`, 400],
  ['/model//invoke', 404],
  [`/model/${profileOpus}/invoke/x`, 404],
]

test('rejects paths that a proxy may normalize differently', async () => {
  const { gateway, upstream } = await startBoth(plain(message))

  for (const [path, status] of wrongPaths) {
    const client = await connectRaw(gateway.port)
    client.write(
      `POST ${path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${localKey}\r\n` +
        `content-length: ${invokeBody.length}\r\n\r\n${invokeBody}`,
    )
    const [answer] = await client.answers(1)
    expect(answer?.status, path).toBe(status)
    const isNamed = /^x-amzn-errortype: ValidationException:/im.test(answer?.head ?? '')
    expect(isNamed, path).toBe(status === 400)
  }
  expect([gateway.rows(), upstream.requests]).toEqual([[], []])
})

test('rejects operations with another method', async () => {
  const { gateway } = await startBoth(plain(message))
  const headers = { authorization: `Bearer ${localKey}` }

  for (const method of ['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD']) {
    const answer = await ask(`${gateway.url}/model/${profileOpus}/invoke`, { method, headers })
    expect([answer.status, answer.headers['allow']], method).toEqual([404, 'POST'])
    const expected = { status: 404, type: 'UnknownOperationException', says: /use POST/ }
    if (method === 'HEAD') expect(answer.text).toBe('')
    else expectException(answer, expected, method)
  }
  const listing = await ask(`${gateway.url}/inference-profiles`, { method: 'POST', headers, body: '{}' })
  expectException(listing, { status: 404, type: 'UnknownOperationException', says: /use GET/ })
})

test('returns UnknownOperationException to AWS clients', async () => {
  const { gateway, upstream } = await startBoth(plain(message))
  const says = 'The action or operation requested is invalid. Verify that the action is typed correctly.'

  for (const path of [
    `/model/${profileOpus}/invoke-with-bidirectional-stream`,
    '/guardrail/gr-1/version/1/apply',
    '/model-invocation-job',
  ]) {
    const answer = await askSigned(gateway, path, { body: '{}' })
    expectException(answer, { status: 404, type: 'UnknownOperationException', says }, path)
  }
  const [bearer, body] = [{ authorization: `Bearer ${localKey}` }, '{}']
  const url = `${gateway.url}/model/${profileOpus}/invoke-with-bidirectional-stream?x=/v1/y`
  const asked = await ask(url, { method: 'POST', headers: bearer, body })
  expectException(asked, { status: 404, type: 'UnknownOperationException', says })
  const elsewhere = await askSigned(gateway, '/v1/nothing', { service: 'aws-external-anthropic', body: '{}' })
  expectEnvelope(elsewhere, { status: 404, type: 'not_found_error', says: /^unknown path/ })
  expect([gateway.rows(), upstream.requests]).toEqual([[], []])
})

test('rejects a too large body before reading it, with the text on which clients shorten it', async () => {
  const { gateway, upstream } = await startBoth(plain(message), { bodyBytes: 1_000 })

  const answer = await invoke(gateway, invokeBody.replace('Hello', 'x'.repeat(2_000)))

  const says = 'Input is too long for requested model.'
  expectException(answer, { status: 400, type: 'ValidationException', says })
  expect(answer.headers['x-anthology-notice']).toMatch(/maximum size: the body may have 1000 bytes/)
  expect([gateway.rows(), upstream.requests]).toEqual([[], []])
})

const count = { input: { invokeModel: { body: Buffer.from(invokeBody).toString('base64') } } }
const bodies = [
  ['invoke', invokeBody],
  ['invoke-with-response-stream', invokeBody],
  ['converse', '{"messages":[{"role":"user","content":[{"text":"Hello"}]}]}'],
  ['count-tokens', JSON.stringify(count)],
] as const

async function startBoth(script: Script, limits = {}) {
  const upstream = await startUpstream(script)
  const gateway = await startAwsGateway({ upstreamUrl: upstream.url, limits, validateRequests: false })
  return { upstream, gateway }
}
