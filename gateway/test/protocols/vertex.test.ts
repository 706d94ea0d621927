import { expect, test } from 'vitest'

import { until } from '../condition.ts'
import { open } from '../http-client.ts'
import { hang, openStream, plain, stream } from '../recording-upstream.ts'
import { errorBody, eventStream, events, message, messageCostNanoUsd, opus } from '../samples.ts'
import { bearer, body, models, path, post, startBoth, version } from './vertex-client.ts'

test('forwards a rawPredict body, with model and version in the places of the Messages API', async () => {
  const { gateway, upstream } = await startBoth(plain(message))

  const answer = await post(gateway, `${path}:rawPredict`)

  const [request] = upstream.requests
  expect(request).toMatchObject({ method: 'POST', target: '/v1/messages' })
  expect(request?.body.toString()).toBe(
    `{"max_tokens":100,"messages":[{"role":"user","content":"Hello"}],"model":"${opus}"}`,
  )
  expect(request?.headers).toMatchObject({
    'anthropic-version': '2023-06-01',
    'content-type': 'application/json',
  })
  expect(request?.headers['authorization']).toBeUndefined()
  expect([answer.status, answer.text]).toEqual([200, message])
  expect(gateway.rows()).toMatchObject([
    {
      id: answer.headers['request-id'],
      protocol: 'vertex',
      requested_model: 'claude-opus-4-1@20250805',
      model: opus,
      outcome: 'answered',
      cost_nano_usd: messageCostNanoUsd,
    },
  ])
})

test('finds the model in every spelling of a path', async () => {
  const { gateway, upstream } = await startBoth(plain(message))
  const paths = [
    path.slice('/v1'.length),
    `/a/prefix${path}`,
    path.replace('/v1/', '/v1beta1/'),
    path.replace('@', '%40'),
    path.replace('us-east5', 'global'),
    `${models}/claude-opus-4-1`,
  ].map((each) => `${each}:rawPredict`)

  for (const each of [...paths, `${path}%3ArawPredict`, `${path}:rawPredict?alt=sse`]) {
    expect((await post(gateway, each)).status, each).toBe(200)
  }
  for (const request of upstream.requests)
    expect(JSON.parse(request.body.toString())).toMatchObject({ model: opus })
})

const spliced: readonly (readonly [string, string, string])[] = [
  [
    'odd whitespace',
    `\r\n\t {  "anthropic_version"\n:\t"vertex-2023-10-16" , "max_tokens" :\t10,"messages" : [ ] }\n \r\n`,
    `\r\n\t {  "max_tokens" :\t10,"messages" : [ ],"model":"${opus}" }\n \r\n`,
  ],
  [
    'escapes that a printer would resolve, and odd numbers',
    `{"system":"\\u00e9\\/\\u0041\\ud83d\\ude00",${version},"x":1.0,"y":12345678901234567890}`,
    `{"system":"\\u00e9\\/\\u0041\\ud83d\\ude00","x":1.0,"y":12345678901234567890,"model":"${opus}"}`,
  ],
  [
    'signed thinking',
    `{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"a\\u2028b","signature":"EqQB+/=="}]}] ,${version}}`,
    `{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"a\\u2028b","signature":"EqQB+/=="}]}],"model":"${opus}"}`,
  ],
]

test('changes only the bytes of its splices', async () => {
  const { gateway, upstream } = await startBoth(plain(message))

  for (const [what, sent, received] of spliced) {
    await post(gateway, `${path}:rawPredict`, { body: sent })
    expect(upstream.requests.at(-1)?.body.toString(), what).toBe(received)
  }
})

test('forwards 15 MB of images unchanged', async () => {
  const { gateway, upstream } = await startBoth(plain(message))
  const image = Buffer.alloc(3_750_000, 'a picture of a "model": ').toString('base64')
  const block = `{"type":"image","source":{"type":"base64","media_type":"image/png","data":"${image}"}}`
  const rest = `"max_tokens":5,"messages":[{"role":"user","content":[${[block, block, block].join(', ')}]}]`

  const answer = await post(gateway, `${path}:rawPredict`, { body: `{${version}, ${rest} }` })

  expect(answer.status).toBe(200)
  expect(upstream.requests[0]?.body.equals(Buffer.from(`{${rest},"model":"${opus}" }`))).toBe(true)
})

test('forwards a stream byte for byte, whether body or path requests it', async () => {
  const { gateway, upstream } = await startBoth(stream([eventStream]))
  const streamed = body.replace('{', '{"stream":true,')

  const answers = [
    await post(gateway, `${path}:streamRawPredict`, { body: streamed }),
    await post(gateway, `${path}:streamRawPredict`),
  ]

  for (const answer of answers) {
    expect(answer.headers['content-type']).toMatch(/^text\/event-stream/)
    expect(answer.text).toBe(eventStream)
  }
  const rest = `"max_tokens":100,"messages":[{"role":"user","content":"Hello"}]`
  expect(upstream.requests.map((request) => request.body.toString())).toEqual([
    `{"stream":true,${rest},"model":"${opus}"}`,
    `{${rest},"stream":true,"model":"${opus}"}`,
  ])
  const row = { protocol: 'vertex', streamed: 1, outcome: 'answered', cost_nano_usd: messageCostNanoUsd }
  expect(gateway.rows()).toMatchObject([row, row])
})

test('forwards the same stream at every split point', async () => {
  const { gateway, upstream } = await startBoth(hang)
  const bytes = Buffer.from(eventStream)

  // Every split point, twenty per response.
  for (let first = 1; first < bytes.length; first += 20) {
    const cuts = [0, ...Array.from({ length: 20 }, (_, i) => first + i), bytes.length]
    upstream.answer(stream(cuts.slice(1).map((cut, i) => bytes.subarray(cuts[i], cut))))
    const answer = await post(gateway, `${path}:streamRawPredict`)
    expect(answer.body.equals(bytes)).toBe(true)
  }
})

test('ends a stream with an error event if its upstream aborts', async () => {
  const begun = events.slice(0, 4).join('')
  const { gateway } = await startBoth(stream([begun, 'event: content']))

  const answer = await post(gateway, `${path}:streamRawPredict`)

  expect(answer.text.slice(0, begun.length)).toBe(begun)
  expect(answer.text.slice(begun.length)).toMatch(
    /^event: error\ndata: \{"type":"error","error":\{"type":"api_error",.*'recorder' aborted its response/,
  )
  expect(gateway.rows()).toMatchObject([{ outcome: 'upstream_aborted' }])
})

test('aborts the upstream request when the client disconnects', async () => {
  const { gateway, upstream } = await startBoth(openStream(events.slice(0, 4)))
  const asking = { method: 'POST', headers: bearer, body }
  const { response } = await open(`${gateway.url}${path}:streamRawPredict`, asking)
  response.on('error', () => {})

  response.destroy()

  await until('the upstream request is aborted', () => upstream.requests[0]?.socket.destroyed === true)
  await until('the row is complete', () => gateway.rows()[0]?.['outcome'] === 'client_closed')
})

test("forwards an upstream's errors unchanged, because they are the model's", async () => {
  const { gateway, upstream } = await startBoth(hang)

  for (const [status, type] of upstreamErrors) {
    const error = errorBody(type, 'in its words')
    upstream.answer(plain(error, { status, headers: { 'retry-after': '17' } }))
    for (const method of ['rawPredict', 'streamRawPredict']) {
      const answer = await post(gateway, `${path}:${method}`)
      expect([answer.status, answer.text, answer.headers['retry-after']]).toEqual([status, error, '17'])
    }
  }
})

test.each([
  [401, 'authentication_error'],
  [403, 'permission_error'],
])("an upstream's %i for our credential is not told as the client's", async (status, type) => {
  const { gateway } = await startBoth(plain(errorBody(type, 'in its words'), { status }))

  const answer = await post(gateway, `${path}:rawPredict`)

  expect(answer.status).toBe(503)
  expect(JSON.parse(answer.text)).toMatchObject({
    error: {
      status: 'UNAVAILABLE',
      message: expect.stringMatching(/gateway's (?:credential|account): in its words$/),
    },
  })
})

const upstreamErrors = [
  [400, 'invalid_request_error'],
  [404, 'not_found_error'],
  [413, 'request_too_large'],
  [429, 'rate_limit_error'],
  [500, 'api_error'],
  [529, 'overloaded_error'],
] as const

test('counts tokens, and bills nothing', async () => {
  const { gateway, upstream } = await startBoth(plain('{"input_tokens": 14}'))
  const counted = body.replace('{', '{"model":"claude-opus-4-1@20250805",').replace('"max_tokens":100,', '')

  const answer = await post(gateway, `${models}/count-tokens:rawPredict`, { body: counted })

  expect(answer.text).toBe('{"input_tokens": 14}')
  expect(upstream.requests[0]?.target).toBe('/v1/messages/count_tokens')
  expect(upstream.requests[0]?.body.toString()).toBe(
    `{"model":"${opus}","messages":[{"role":"user","content":"Hello"}]}`,
  )
  expect(gateway.rows()).toEqual([])
})

test('forwards the betas of the header under their first-party names', async () => {
  const { gateway, upstream } = await startBoth(plain(message))
  const headers = { 'anthropic-beta': 'claude-code-20250219, tool-search-tool-2025-10-19' }

  await post(gateway, `${path}:rawPredict`, { headers: { ...bearer, ...headers } })

  expect(upstream.requests[0]?.headers['anthropic-beta']).toBe(
    'claude-code-20250219,advanced-tool-use-2025-11-20',
  )
})

test('accepts version 2026-10-21, and the first-party name of the older one with a notice', async () => {
  const { gateway, upstream } = await startBoth(plain(message))

  for (const [named, notice] of [
    ['2026-10-21', undefined],
    ['2023-06-01', 'Vertex AI would reject anthropic_version 2023-06-01; use vertex-2023-10-16 there'],
  ] as const) {
    const answer = await post(gateway, `${path}:rawPredict`, {
      body: body.replace('vertex-2023-10-16', named),
    })

    expect([answer.status, answer.headers['x-anthology-notice']]).toEqual([200, notice])
    expect(upstream.requests.at(-1)?.headers['anthropic-version']).toBe(named)
    expect(upstream.requests.at(-1)?.body.toString()).not.toContain('anthropic_version')
  }
})

test('adds a notice that there is no dedicated throughput', async () => {
  const { gateway } = await startBoth(plain(message))

  const told = await Promise.all(
    ['dedicated', 'shared'].map(async (type) => {
      const headers = { ...bearer, 'x-vertex-ai-llm-request-type': type }
      const answer = await post(gateway, `${path}:rawPredict`, { headers })
      return [answer.status, answer.headers['x-anthology-notice']]
    }),
  )

  expect(told).toEqual([
    [200, 'dedicated throughput is not available here; the call was served as shared'],
    [200, undefined],
  ])
})
