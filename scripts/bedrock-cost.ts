// Measures what an upstream of Amazon Bedrock costs beyond the Claude API, in microseconds of CPU: the stream from frames
// to SSE, the search for credentials in it, and the signature of a request. docs/performance.md has the figures.
// `node scripts/bedrock-cost.ts`
import { hash } from 'node:crypto'
import { crc32 } from 'node:zlib'

import { createInvokeStreamEncoder } from '../wire/src/index.ts'
import type { Receiver } from '../wire/src/index.ts'
import { bedrockAdapter } from '../gateway/src/upstreams/bedrock.ts'
import { createAwsAuthorizer } from '../gateway/src/upstreams/credentials/aws.ts'
import { filterSecrets } from '../gateway/src/upstreams/secret-filter.ts'

const events = 200
const eventsPerChunk = 8
const identity = {
  accessKeyId: 'AKIAANTHOLOGYMEASURE',
  secretAccessKey: hash('sha256', 'secret', 'base64').slice(0, 40),
}

const encoder = createInvokeStreamEncoder({ crc32 })
const encode = (event: object): Buffer => Buffer.from(encoder.event(Buffer.from(JSON.stringify(event))))
const message = {
  id: 'msg_01',
  type: 'message',
  role: 'assistant',
  content: [],
  usage: { input_tokens: 210 },
}
const opening = [
  { type: 'message_start', message },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
].map(encode)
const deltas = Array.from({ length: events }, (_, at) =>
  encode({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: `word ${at} ` } }),
)
const closing = [
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: events } },
  { type: 'message_stop' },
].map(encode)
const chunks = [Buffer.concat(opening)]
for (let at = 0; at < events; at += eventsPerChunk)
  chunks.push(Buffer.concat(deltas.slice(at, at + eventsPerChunk)))
chunks.push(Buffer.concat(closing))

let sentBytes = 0
const client: Receiver = {
  head: () => {},
  chunk: (bytes) => {
    sentBytes += bytes.length
    return true
  },
  end: () => {},
  fail: (error) => {
    throw error
  },
}

/** Sends the stream through the adapter. */
function relay(target: Receiver): void {
  const receiver = bedrockAdapter.createReceiver(target, { stream: true, countsTokens: false })
  receiver.head(200, {})
  for (const chunk of chunks) receiver.chunk(chunk)
  receiver.end()
}

/** The least time of a run, of several series: other programs can only lengthen it. */
async function measure(runs: number, run: () => unknown): Promise<number> {
  const series: number[] = []
  for (let round = 0; round < 12; round += 1) {
    const before = process.cpuUsage()
    for (let at = 0; at < runs; at += 1) await run()
    const { user, system } = process.cpuUsage(before)
    series.push((user + system) / runs)
  }
  return Math.min(...series)
}

const authorizer = createAwsAuthorizer({
  getIdentity: () => Promise.resolve(identity),
  region: 'us-east-1',
  service: 'bedrock',
  baseUrl: 'https://bedrock-runtime.us-east-1.amazonaws.com',
})
const request = {
  method: 'POST',
  path: '/model/us.anthropic.claude-opus-4-1-20250805-v1%3A0/invoke',
  headers: { 'content-type': 'application/json', accept: 'application/json' },
  body: [Buffer.alloc(1_024, 'a prompt ')],
}
const decoding = await measure(2_000, () => relay(client))
/** Temporary credentials have one, which requests carry. */
const account = { secrets: [Buffer.alloc(400, 'a session token ').toString('base64')] }
const searched = await measure(2_000, () => relay(filterSecrets(client, account)))
const signature = await measure(20_000, () => authorizer.authorize(request, false))

console.table({
  [`stream of ${events} events, from frames to SSE`]: { microseconds: decoding.toFixed(1) },
  'the same with the search for a session token': { microseconds: searched.toFixed(1) },
  'signature of a request of 1 KB': { microseconds: signature.toFixed(1) },
})
if (sentBytes === 0) throw new Error('nothing was sent')
