import { expect, test } from 'vitest'

import { ask } from '../http-client.ts'
import { connectRaw } from '../raw-client.ts'
import { type Script, plain, startUpstream } from '../recording-upstream.ts'
import { localKey } from '../running-gateway.ts'
import { message } from '../samples.ts'
import { askSigned, expectException, invoke, invokeBody, profileOpus, startAwsGateway } from './aws-client.ts'

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

test('refuses bodies that are none of InvokeModel in the words of AWS, and bills nothing', async () => {
  const { gateway, upstream } = await startBoth(plain(message))

  for (const [what, body, status, type, says] of refused) {
    expectException(await invoke(gateway, body), { status, type, says }, what)
  }
  expect([gateway.rows(), upstream.requests]).toEqual([[], []])
})

const wrongModels: readonly (readonly [string, string, number, string])[] = [
  ['an id of nobody', 'us.anthropic.claude-opus-9', 404, 'ResourceNotFoundException'],
  ['10,000 letters', 'a'.repeat(10_000), 400, 'ValidationException'],
  ['an id that was encoded twice', profileOpus.replace(':', '%253A'), 400, 'ValidationException'],
  ['a broken escape', 'us.anthropic%ZZ', 400, 'ValidationException'],
  ['a null byte', 'us.anthropic.claude%00', 400, 'ValidationException'],
  [
    'an ARN that does not say its model',
    encodeURIComponent('arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123'),
    404,
    'ResourceNotFoundException',
  ],
  ['an ARN of another service', encodeURIComponent('arn:aws:s3:::bucket/key'), 400, 'ValidationException'],
]

test('refuses what is no model, and bills nothing', async () => {
  const { gateway, upstream } = await startBoth(plain(message))

  for (const [what, id, status, type] of wrongModels) {
    const answer = await askSigned(gateway, `/model/${id}/invoke`, { body: invokeBody })
    expectException(answer, { status, type, says: /./ }, what)
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

test('does not take paths that somebody else might read differently', async () => {
  const { gateway, upstream } = await startBoth(plain(message))

  for (const [path, status] of wrongPaths) {
    const client = await connectRaw(gateway.port)
    client.write(
      `POST ${path} HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer ${localKey}\r\n` +
        `content-length: ${invokeBody.length}\r\n\r\n${invokeBody}`,
    )
    const [answer] = await client.answers(1)
    expect(answer?.status, path).toBe(status)
  }
  expect([gateway.rows(), upstream.requests]).toEqual([[], []])
})

test('takes POST alone', async () => {
  const { gateway } = await startBoth(plain(message))
  const headers = { authorization: `Bearer ${localKey}` }

  for (const method of ['GET', 'PUT', 'DELETE', 'HEAD']) {
    const answer = await ask(`${gateway.url}/model/${profileOpus}/invoke`, { method, headers })
    expect(answer.status, method).toBe(405)
  }
})

test('refuses a body that is too large before it is read', async () => {
  const { gateway, upstream } = await startBoth(plain(message), { bodyBytes: 1_000 })

  const answer = await invoke(gateway, invokeBody.replace('Hello', 'x'.repeat(2_000)))

  expectException(answer, { status: 400, type: 'ValidationException', says: /maximum size/ })
  expect([gateway.rows(), upstream.requests]).toEqual([[], []])
})

async function startBoth(script: Script, limits = {}) {
  const upstream = await startUpstream(script)
  const gateway = await startAwsGateway({ upstreamUrl: upstream.url, limits, preflight: false })
  return { upstream, gateway }
}
