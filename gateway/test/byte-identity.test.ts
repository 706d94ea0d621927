import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { plain, startUpstream, stream } from './recording-upstream.ts'
import { expectEnvelope } from './api-errors.ts'
import { startGateway } from './running-gateway.ts'
import { callBody, eventStream, message, opus, streamBody } from './samples.ts'

const bodies: readonly (readonly [string, string])[] = [
  ['odd whitespace', `\r\n\t {  "model"\n:\t"${opus}" , "max_tokens" :\t10,"messages" : [ ] }\n \r\n`],
  ['escapes that a printer would resolve', `{"model":"${opus}","system":"\\u00e9\\/\\u0041\\ud83d\\ude00"}`],
  ['lone surrogates', `{"model":"${opus}","system":"\\ud800 and \\udfff"}`],
  ['unicode as it is', `{"system":"é 😀 \u2028 \ufeff","model":"${opus}"}`],
  ['numbers in odd spellings', `{"model":"${opus}","max_tokens":1e2,"temperature":1.0,"x":-0,"y":1E-400}`],
  ['unread members twice', `{"x":1,"model":"${opus}","x":2,"metadata":{"a":1,"a":2}}`],
  [
    'names inside strings',
    `{"system":"\\"model\\":\\"claude-3-haiku\\",{\\"stream\\":true","model":"${opus}"}`,
  ],
  [
    'names in nested objects',
    `{"metadata":{"model":"x","stream":true},"tools":[{"model":1}],"model":"${opus}"}`,
  ],
]

test('sends bodies of every spelling byte for byte', async () => {
  const { gateway, upstream } = await startBoth()

  for (const [what, body] of bodies) {
    const answer = await gateway.post(body)
    expect(answer.status, what).toBe(200)
  }
  expect(upstream.requests.map((request) => request.body.toString())).toEqual(bodies.map(([, body]) => body))
})

test('finds the model after a 5 MB image, and forwards the image unchanged', async () => {
  const { gateway, upstream } = await startBoth()
  const image = Buffer.alloc(3_750_000, 'a picture of a model').toString('base64')
  const content = `[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"${image}"}}]`
  const body = `{"max_tokens":5,"messages":[{"role":"user","content":${content}}], "model":"${opus}"}`

  const answer = await gateway.post(body)

  expect(answer.status).toBe(200)
  expect(upstream.requests[0]?.body.equals(Buffer.from(body))).toBe(true)
})

test.each([
  ['claude-opus-4-1', opus],
  ['claude-sonnet-4-0', 'claude-sonnet-4-20250514'],
  ['anthropic.claude-opus-4-1-20250805-v1:0', opus],
])('changes only the bytes of the model for %s', async (name, id) => {
  const { gateway, upstream } = await startBoth()
  const body = (model: string) =>
    ` {"system":"${name}", "model" :\t"${model}" ,"messages":[{"role":"user","content":"\\u00e9 ${name}"}] } `

  await gateway.post(body(name))

  expect(upstream.requests.map((request) => request.body.toString())).toEqual([body(id)])
})

test('changes only the bytes of the model in a body that is sent in pieces', async () => {
  const { gateway, upstream } = await startBoth()
  const text = 'A line of a long prompt with \\u00e9 and "quotes".\\n'.replaceAll('"', '\\"').repeat(40_000)
  const body = (model: string) =>
    `{"max_tokens":5 , "model":"${model}","messages":[{"role":"user","content":"${text}"}] }`

  const answers = await Promise.all([1, 2, 3].map(() => gateway.post(body('claude-opus-4-1'))))

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  expect(upstream.requests.every((request) => request.body.equals(Buffer.from(body(opus))))).toBe(true)
  expect(upstream.requests.map(({ headers }) => headers['content-length'])).toEqual(
    Array.from({ length: 3 }, () => String(Buffer.byteLength(body(opus)))),
  )
})

test('finds an alias written with escapes', async () => {
  const { gateway, upstream } = await startBoth()

  await gateway.post('{"max_tokens":1,"model":"claude\\u002dopus-4-1"}')

  expect(upstream.requests[0]?.body.toString()).toBe(`{"max_tokens":1,"model":"${opus}"}`)
})

const ambiguous: readonly (readonly [string, string, RegExp])[] = [
  ['a second model', `{"model":"${opus}","max_tokens":5,"model":"claude-3-haiku-20240307"}`, /model/],
  ['a model name in escapes', `{"mod\\u0065l":"${opus}","max_tokens":5}`, /model/],
  ['an escaped second model', `{"model":"${opus}","\\u006dodel":"claude-3-haiku-20240307"}`, /model/],
  ['a second stream', `{"model":"${opus}","stream":false,"stream":true}`, /stream/],
  ['a second max_tokens', `{"max_tokens":5,"model":"${opus}","max_tokens":500000}`, /max_tokens/],
]

test('rejects an ambiguous body before the upstream is called', async () => {
  const { gateway, upstream } = await startBoth()

  for (const [what, body, says] of ambiguous) {
    const answer = await gateway.post(body)
    expectEnvelope(answer, { status: 400, type: 'invalid_request_error', says }, what)
  }
  expect(upstream.requests).toEqual([])
  expect(gateway.rows()).toEqual([])
})

test('forwards a plain response byte for byte', async () => {
  const { gateway } = await startBoth()

  const answer = await gateway.post(callBody)

  expect(answer.text).toBe(message)
  expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(message)))
})

test('forwards a stream byte for byte, at every split point', async () => {
  const { gateway, upstream } = await startBoth()
  const bytes = Buffer.from(`: a comment\n\n${eventStream}: after the end\n\n`)

  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: bytes.length }), { maxLength: 12 }), async (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), bytes.length]
      upstream.answer(stream(places.slice(1).map((end, index) => bytes.subarray(places[index], end))))

      const answer = await gateway.post(streamBody)

      expect(answer.text).toBe(bytes.toString())
    }),
    { numRuns: 40 },
  )
})

test('forwards a stream that arrives byte by byte', async () => {
  const { gateway, upstream } = await startBoth()
  upstream.answer(stream([...Buffer.from(eventStream)].map((byte) => Uint8Array.of(byte))))

  const answer = await gateway.post(streamBody)

  expect(answer.text).toBe(eventStream)
})

test('forwards a stream with CRLF byte for byte', async () => {
  const { gateway, upstream } = await startBoth()
  const bytes = eventStream.replaceAll('\n', '\r\n')
  upstream.answer(stream([bytes.slice(0, 101), bytes.slice(101)]))

  const answer = await gateway.post(streamBody)

  expect(answer.text).toBe(bytes)
})

async function startBoth() {
  const upstream = await startUpstream(plain(message))
  const gateway = await startGateway({ upstreamUrl: upstream.url })
  return { upstream, gateway }
}
