import { mkdtempSync, rmSync } from 'node:fs'
import * as http from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createEmulator } from '@anthology/emulator'
import { createGateway, openDatabase } from '@anthology/gateway'
import type { GatewayOptions, StoredCall } from '@anthology/gateway'
import type { Upstream } from '@anthology/wire'
import { expect, onTestFinished, test } from 'vitest'

/**
 * Clients that disconnect after the last content, before the event that reports its tokens. Their streams are real: a
 * gateway on a port, the emulator behind it.
 */
const key = 'sk-anthology-key-of-the-hang-up-test'
const tokensPerStream = 2_000

test('a stream whose client leaves before its usage is metered by what was delivered, within a tenth', async () => {
  const { url, rows } = await startGateway()
  for (const model of ['claude-sonnet-4-5', 'claude-opus-5-5', 'claude-3-haiku-20240307'])
    await abandonAtEnd(url, model)

  const calls = await rows(3)
  for (const call of calls) {
    expect(call).toMatchObject({ outcome: 'client_closed', usage_source: 'estimated' })
    expect(Number(call['output_quantity']) / tokensPerStream).toBeGreaterThan(0.9)
    expect(Number(call['output_quantity']) / tokensPerStream).toBeLessThan(1.1)
    expect(Number(call['cost_nano_usd'])).toBeGreaterThan(0)
  }
})

test('a stream that comes in one piece is metered alike', async () => {
  const { url, rows } = await startGateway({ inOnePiece: true })
  await abandonAtEnd(url)

  const [call] = await rows(1)
  expect(call).toMatchObject({ outcome: 'client_closed', usage_source: 'estimated' })
  expect(Number(call?.['output_quantity']) / tokensPerStream).toBeGreaterThan(0.9)
  expect(Number(call?.['output_quantity']) / tokensPerStream).toBeLessThan(1.1)
})

test('streams that are abandoned count towards the rate limit of their key', async () => {
  const limit = 10 * tokensPerStream
  const { url, rows } = await startGateway({
    rates: { keys: { attacker: { output_tokens_per_minute: limit } } },
  })
  let refused = 0
  for (let stream = 0; stream < 30; stream += 1) if ((await abandonAtEnd(url)) === 429) refused += 1

  const calls = await rows(30 - refused)
  const tokens = calls.reduce((sum, call) => sum + Number(call['output_quantity']), 0)
  expect(refused).toBeGreaterThanOrEqual(15)
  // The estimate may be a tenth below what was delivered, and the last stream may exceed the limit.
  expect(tokens).toBeLessThan(limit + 2 * tokensPerStream)
})

test('a platform that bills an abandoned stream is read to its end, and its usage is exact', async () => {
  const { url, rows, untilNoClient, release } = await startGateway({ platform: 'bedrock' })
  await abandonAtEnd(url)
  await untilNoClient()
  release()

  const [call] = await rows(1)
  expect(call).toMatchObject({
    outcome: 'client_closed',
    status: 200n,
    usage_source: 'final',
    output_quantity: BigInt(tokensPerStream),
    stop_reason: 'max_tokens',
  })
})

interface Started {
  readonly url: string
  /** The ended calls, once there are that many. */
  readonly rows: (count: number) => Promise<readonly StoredCall[]>
  readonly untilNoClient: () => Promise<void>
  /** Lets the upstream send the ends of its streams. */
  readonly release: () => void
}

async function startGateway({
  platform = 'anthropic',
  inOnePiece = false,
  ...options
}: Partial<GatewayOptions> & {
  platform?: 'anthropic' | 'bedrock'
  inOnePiece?: boolean
} = {}): Promise<Started> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'anthology-hang-up-'))
  const { upstream, release } = withholdEnds(inOnePiece)
  const gateway = await createGateway({
    accounts: [{ name: 'emulator', platform, upstream, secrets: [] }],
    keys: [{ id: 'key_attacker', name: 'attacker', secret: key }],
    dataFolder,
    ...options,
  })
  const { url } = await gateway.listen(0, '127.0.0.1')
  onTestFinished(async () => {
    await gateway.close()
    rmSync(dataFolder, { recursive: true, force: true })
  })
  const database = openDatabase(dataFolder)
  onTestFinished(() => database.close())
  const readEnded = (): readonly StoredCall[] => {
    const statement = database.prepare(
      'SELECT * FROM all_calls WHERE outcome IS NOT NULL ORDER BY started_at_ms DESC, id',
    )
    statement.setReadBigInts(true)
    return statement.all() as StoredCall[] // STRICT tables hold only these types.
  }
  return {
    url,
    release,
    untilNoClient: () =>
      expect
        .poll(() => Object.values(gateway.counts().connections).reduce((sum, count) => sum + count, 0))
        .toBe(0),
    async rows(count) {
      await expect.poll(() => readEnded().length).toBe(count)
      return readEnded()
    },
  }
}

/**
 * The emulator, whose streams stop before `message_delta` until they are released. It takes any model's name. What comes
 * before is sent as the emulator sends it, or in one piece.
 */
function withholdEnds(inOnePiece: boolean): { upstream: Upstream; release: () => void } {
  const emulator = createEmulator({ keepRequests: false })
  const released = Promise.withResolvers<void>()
  const upstream: Upstream = {
    send(request, receiver) {
      const text = Buffer.from(request.body ?? []).toString()
      const body = Buffer.from(
        text.replace('"anthropic.claude-sonnet-4-5-20250929-v1:0"', '"claude-sonnet-4-5"'),
      )
      const held: (() => void)[] = []
      const pieces: Uint8Array[] = []
      const deliver = (step: () => void) => (held.length === 0 ? step() : void held.push(step))
      void released.promise.then(() => held.splice(0).forEach((step) => step()))
      return emulator.send(
        { ...request, body },
        {
          head: (status, headers) => receiver.head(status, headers),
          chunk(bytes) {
            const at = held.length === 0 ? Buffer.from(bytes).indexOf('event: message_delta') : 0
            if (at < 0 && !inOnePiece) return receiver.chunk(bytes)
            pieces.push(at < 0 ? bytes : bytes.subarray(0, at))
            if (at < 0) return true
            receiver.chunk(Buffer.concat(pieces))
            held.push(() => receiver.chunk(bytes.subarray(at)))
            return true
          },
          end: () => deliver(() => receiver.end()),
          fail: (error) => deliver(() => receiver.fail(error)),
        },
      )
    },
  }
  return { upstream, release: () => released.resolve() }
}

/** Reads a stream to its last content delta and disconnects. Returns the status. */
function abandonAtEnd(url: string, model = 'claude-sonnet-4-5'): Promise<number> {
  const body = JSON.stringify({
    model,
    max_tokens: tokensPerStream,
    stream: true,
    messages: [{ role: 'user', content: `Write ${2 * tokensPerStream} words about the sea.` }],
  })
  const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-api-key': key }
  return new Promise((resolve, reject) => {
    const sent = http.request(`${url}/v1/messages`, { method: 'POST', headers, agent: false }, (response) => {
      const status = response.statusCode ?? 0
      let tail = ''
      response.on('error', () => resolve(status))
      response.on('end', () => resolve(status))
      response.on('data', (bytes: Buffer) => {
        tail = (tail + bytes.toString()).slice(-4_096)
        if (!tail.includes('event: content_block_stop')) return
        response.destroy()
        resolve(status)
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
