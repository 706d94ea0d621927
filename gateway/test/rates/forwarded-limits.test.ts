import { describe, expect, test } from 'vitest'

import { plain, startUpstream, stream } from '../recording-upstream.ts'
import type { Script } from '../recording-upstream.ts'
import { batchBody, createBatch, sendRequest, startBoth, succeeded } from '../resources/batches.ts'
import { startGateway } from '../running-gateway.ts'
import { callBody, errorBody, eventStream, message, opus, streamBody } from '../samples.ts'

const accountLimits = {
  'anthropic-ratelimit-requests-limit': '4000',
  'anthropic-ratelimit-requests-remaining': '3999',
  'anthropic-priority-input-tokens-limit': '70',
}

const messages = '/v1/messages'
const chat = '/v1/chat/completions'
const vertex = '/v1/projects/p/locations/l/publishers/anthropic/models/claude-opus-4-1@20250805'
const bedrock = `/model/anthropic.${opus}-v1%3A0`

const answers: readonly (readonly [string, Script, string])[] = [
  ['a plain answer', plain(message, { headers: accountLimits }), callBody],
  [
    'an error',
    plain(errorBody('rate_limit_error', 'slow'), { status: 429, headers: accountLimits }),
    callBody,
  ],
  ['a stream', stream([eventStream], accountLimits), streamBody],
  [
    'a stream that begins with its error',
    stream([`event: error\ndata: ${errorBody('overloaded_error', 'busy')}\n\n`], accountLimits),
    streamBody,
  ],
]

describe.each(answers)('with %s', (_, script, body) => {
  test('a key without limits gets those of the account, under the names of its protocol', async () => {
    const upstream = await startUpstream(script)
    const gateway = await startGateway({ upstreamUrl: upstream.url })

    const [call, completion] = [await gateway.post(body), await gateway.post(body, { path: chat })]

    expect(readLimits(call.headers)).toEqual(accountLimits)
    expect(readLimits(completion.headers)).toEqual({
      'x-ratelimit-limit-requests': '4000',
      'x-ratelimit-remaining-requests': '3999',
      'anthropic-priority-input-tokens-limit': '70',
    })
  })

  test('a key with limits gets its own, and none of the account', async () => {
    const upstream = await startUpstream(script)
    const rates = { default: { requests_per_minute: 9 } }
    const gateway = await startGateway({ upstreamUrl: upstream.url, rates })

    const [call, completion] = [await gateway.post(body), await gateway.post(body, { path: chat })]

    const reset = expect.stringMatching(/Z$/)
    expect(readLimits(call.headers)).toEqual({
      'anthropic-ratelimit-requests-limit': '9',
      'anthropic-ratelimit-requests-remaining': '8',
      'anthropic-ratelimit-requests-reset': reset,
    })
    expect(readLimits(completion.headers)).toEqual({
      'x-ratelimit-limit-requests': '9',
      'x-ratelimit-remaining-requests': '7',
      'x-ratelimit-reset-requests': reset,
    })
  })

  test('a client of a cloud gets no limits of the account, which the cloud would not send', async () => {
    const upstream = await startUpstream(script)
    const gateway = await startGateway({ upstreamUrl: upstream.url })
    const isStream = body === streamBody
    const { model: _model, stream: _stream, ...members } = JSON.parse(body) as Record<string, unknown> // An object literal.
    const paths: readonly (readonly [string, string])[] = [
      [`${vertex}:${isStream ? 'streamRawPredict' : 'rawPredict'}`, 'vertex-2023-10-16'],
      [`${bedrock}/${isStream ? 'invoke-with-response-stream' : 'invoke'}`, 'bedrock-2023-05-31'],
    ]

    for (const [path, version] of paths) {
      const answer = await gateway.post(JSON.stringify({ ...members, anthropic_version: version }), { path })

      expect(readLimits(answer.headers)).toEqual({})
      expect(upstream.requests.at(-1)?.target).toBe(messages)
    }
  })
})

test('count_tokens, which the limits of a key do not count, has those of the account', async () => {
  const upstream = await startUpstream(plain('{"input_tokens":7}', { headers: accountLimits }))
  const rates = { default: { requests_per_minute: 9 } }
  const gateway = await startGateway({ upstreamUrl: upstream.url, rates })

  const answer = await gateway.post(callBody, { path: `${messages}/count_tokens` })

  expect(answer.status).toBe(200)
  expect(readLimits(answer.headers)).toEqual(accountLimits)
})

test('batches and files, which the limits of a key do not count, have those of the account', async () => {
  const both = await startBoth({ rates: { default: { requests_per_minute: 9 } } })
  both.upstream.before(/./, (response) => {
    for (const [name, value] of Object.entries(accountLimits)) response.setHeader(name, value)
  })
  const { gateway } = both
  const id = await createBatch(both)
  both.upstream.end(id, [`${succeeded('a')}\n`])
  const file = { body: 'x', headers: { 'content-type': 'multipart/form-data; boundary=b' } }

  const received = [
    await sendRequest(gateway, 'POST', `${messages}/batches`, { body: batchBody() }),
    await sendRequest(gateway, 'GET', `${messages}/batches/${id}`),
    await sendRequest(gateway, 'GET', `${messages}/batches/${id}/results`),
    await sendRequest(gateway, 'POST', '/v1/files', file),
  ]

  expect(received.map(({ status }) => status)).toEqual([200, 200, 200, 200])
  expect(received.map(({ headers }) => readLimits(headers))).toEqual(received.map(() => accountLimits))
})

function readLimits(headers: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => limitName.test(name)))
}

const limitName = /ratelimit|priority|fast/
