import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { createEmulator, openCassettes } from '../../src/index.ts'
import type { Comparison } from '../../src/index.ts'
import { ask, createFolder, listen, protocols, readFolder, record, replay, send } from './rig.ts'
import { createSocketUpstream } from './socket-upstream.ts'

describe('record-missing', () => {
  test('asks the upstream only for requests without a recording', async () => {
    const folder = createFolder()
    await send(await record(folder), ask('Known?'))
    const { live, proxy } = await listenRecordMissing(folder)
    await send(proxy, ask('Known?'))
    const added = await send(proxy, ask('New?'))
    await send(proxy, ask('New?'))

    expect(live.emulator.requests.map(({ json }) => JSON.stringify(json()))).toEqual([
      JSON.stringify(ask('New?').body),
    ])
    expect((await send(await replay(folder), ask('New?'))).text).toBe(added.text)
    expect((await send(await replay(folder), ask('Known?'))).status).toBe(200)
  })
})

test.each(['record-missing', 'record-all'] as const)(
  '%s keeps what another process adds to the same conversation while this one records',
  async (mode) => {
    const folder = createFolder()
    const live = await listen()
    await send(await record(folder), ask('Shared?', { model: 'claude-opus-4-5' }))
    const upstream = createSocketUpstream(live.url)
    const attach = () => listen({ replay: { cassettes: openCassettes(folder), mode, upstream } })
    const [one, other] = [await attach(), await attach()]
    const models = ['claude-opus-4-1', 'claude-opus-4-0', 'claude-sonnet-4-0', 'claude-haiku-4-5']
    for (const [index, model] of models.entries())
      await send(index % 2 === 0 ? one : other, ask('Shared?', { model }))

    expect(Object.keys(readFolder(folder))).toHaveLength(1)
    const kept = openCassettes(folder).list()
    // The recording of the earlier run was there at the start.
    expect(kept).toHaveLength(mode === 'record-all' ? 4 : 5)
  },
)

test('record-missing does not keep errors of the account or of the moment, and keeps those of the request', async () => {
  const folder = createFolder()
  const { live, proxy, warnings } = await listenRecordMissing(folder)
  const statuses = []
  for (const status of [401, 403, 429, 500, 529]) {
    live.emulator.failNext({ status })
    statuses.push((await send(proxy, ask('Later?'))).status)
  }
  statuses.push((await send(proxy, ask('Later?'))).status)
  statuses.push((await send(proxy, ask('Wrong?', { max_tokens: -1 }))).status)

  expect(statuses).toEqual([401, 403, 429, 500, 529, 200, 400])
  expect(warnings[0]).toBe('POST /v1/messages was not recorded: later runs would get its status 401 again')
  expect(warnings).toHaveLength(5)
  const kept = openCassettes(folder).list()
  expect(new Set(kept.map(({ exchange }) => exchange.response.status))).toEqual(new Set([200, 400]))
})

test.each(protocols.filter(([name]) => name.includes('streamed')))(
  '%s: record-missing does not keep an error in a stream',
  async (_, create) => {
    const folder = createFolder()
    const { live, proxy, warnings } = await listenRecordMissing(folder)
    live.emulator.failNext({ error_event: 'overloaded_error', after_events: 3 })
    await send(proxy, create('Later?'))
    const second = await send(proxy, create('Later?'))
    const third = await send(proxy, create('Later?'))

    expect(warnings).toEqual([
      expect.stringContaining('was not recorded: later runs would get the error in its stream again'),
    ])
    expect(third.bytes).toEqual(second.bytes)
    expect(live.emulator.requests).toHaveLength(2)
  },
)

test('record-all keeps them, so that retries are replayed', async () => {
  const folder = createFolder()
  const live = await listen()
  const proxy = await listen({
    replay: {
      cassettes: openCassettes(folder),
      mode: 'record-all',
      upstream: createSocketUpstream(live.url),
    },
  })
  live.emulator.failNext({ status: 529, retry_after: 1 })
  await send(proxy, ask('Busy?'))
  await send(proxy, ask('Busy?'))
  const player = await replay(folder)

  expect([(await send(player, ask('Busy?'))).status, (await send(player, ask('Busy?'))).status]).toEqual([
    529, 200,
  ])
})

test('record-missing with `exhausted: fail` records a repeated request each time', async () => {
  const folder = createFolder()
  const proxy = await record(folder, { mode: 'record-missing', exhausted: 'fail' })
  const one = await send(proxy, ask('Again?', { max_tokens: 5 }))
  const two = await send(proxy, ask('Again?', { max_tokens: 9 }))
  const player = await replay(folder)

  expect([(await send(player, ask('Again?'))).text, (await send(player, ask('Again?'))).text]).toEqual([
    one.text,
    two.text,
  ])
})

describe('record-all', () => {
  test('replaces what an earlier run recorded of a conversation, and keeps other conversations', async () => {
    const folder = createFolder()
    const first = await record(folder)
    await send(first, ask('Again?', { max_tokens: 5 }))
    await send(first, ask('Again?', { max_tokens: 6 }))
    await send(first, ask('Other?'))
    const second = await send(await record(folder), ask('Again?', { max_tokens: 9 }))
    const player = await replay(folder, { exhausted: 'fail' })

    expect((await send(player, ask('Again?'))).text).toBe(second.text)
    expect((await send(player, ask('Again?'))).status).toBe(400)
    expect((await send(player, ask('Other?'))).status).toBe(200)
  })

  test('the same answers give the same file but for dates, times and ids', async () => {
    const folder = createFolder()
    await send(await record(folder), ask('Same?'))
    const [before = ''] = Object.values(readFolder(folder))
    await send(await record(folder), ask('Same?'))
    const [after = ''] = Object.values(readFolder(folder))
    const changed = after.split('\n').filter((line, index) => line !== before.split('\n')[index])

    for (const line of changed) expect(line).toMatch(/^\S* *(?:- )?(?:recorded|at_ms):/)
  })

  test('concurrent exchanges of one conversation are all kept, in the order of their requests', async () => {
    const folder = createFolder()
    const proxy = await record(folder)
    const limits = [30, 3, 20, 8, 14, 5]
    const answers = await Promise.all(
      limits.map((limit) => send(proxy, ask('Race?', { max_tokens: limit, stream: true }))),
    )
    const player = await replay(folder)
    const texts = new Set<string>()
    for (const _ of limits) texts.add((await send(player, ask('Race?', { stream: true }))).text)

    expect(texts).toEqual(new Set(answers.map(({ text }) => text)))
  })

  test('an answer that its client leaves is not recorded', async () => {
    const folder = createFolder()
    const warnings: string[] = []
    const proxy = await record(folder, { warn: (line) => warnings.push(line) }, { tokensPerSecond: 20 })
    const abort = new AbortController()
    const response = await fetch(`${proxy.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
      body: JSON.stringify(ask('Long?', { stream: true }).body),
      signal: abort.signal,
    })
    await response.body?.getReader().read()
    abort.abort()

    await expect
      .poll(() => warnings)
      .toEqual(['POST /v1/messages was not recorded: the client left before the end of the answer'])
    expect(readFolder(folder)).toEqual({})
  })

  test('a process that is killed while it records leaves whole files', async () => {
    const folder = createFolder()
    const script = join(folder, 'record.mjs')
    const source = join(import.meta.dirname, '../../src/index.ts')
    writeFileSync(
      script,
      `const { createEmulator, openCassettes } = await import(${JSON.stringify(source)})
       const emulator = createEmulator({ replay: { cassettes: openCassettes(${JSON.stringify(folder)}), mode: 'record-all', upstream: createEmulator() } })
       for (let turn = 0; ; turn += 1) {
         const body = JSON.stringify({ model: 'claude-sonnet-4-5', max_tokens: 200, messages: [{ role: 'user', content: 'Question ' + (turn % 3) }] })
         await (await emulator.fetch('/v1/messages', { method: 'POST', body })).text()
         if (turn === 20) console.log('recording')
       }`,
    )
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
    await once(child.stdout, 'data')
    child.kill('SIGKILL')
    await once(child, 'exit')

    expect(openCassettes(folder, { create: true }).list().length).toBeGreaterThanOrEqual(21)
    expect(Object.keys(readFolder(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })
})

describe('diff', () => {
  test.each(protocols)(
    '%s: the live answer goes out, and its differences are reported',
    async (_, create) => {
      const folder = createFolder()
      await send(await record(folder, {}, { seed: 'one' }), create('What is the weather?'))
      const compare = async (seed: string) => {
        const live = await listen({ seed })
        const reports: Comparison[] = []
        const proxy = await listen({
          replay: {
            cassettes: openCassettes(folder),
            mode: 'diff',
            upstream: createSocketUpstream(live.url),
            onCompared: (report) => reports.push(report),
          },
        })
        const files = readFolder(folder)
        await send(proxy, create('What is the weather?'))
        await send(proxy, create('Unknown?'))
        expect(readFolder(folder)).toEqual(files)
        return reports
      }

      const [same, unknown] = await compare('one')
      const [different] = await compare('three')
      expect(same?.differences).toEqual([])
      expect(same?.recording).toMatch(/^what-is-the-weather-[0-9a-f]{8}\.yaml, exchange 1$/)
      expect(unknown).toMatchObject({
        recording: null,
        differences: [expect.stringContaining('No recording matches')],
      })
      expect(different?.differences.join()).toMatch(/text was ".*, and is "/)
    },
  )
})

describe('around a replay', () => {
  test('a mode that needs an upstream, an invalid pattern and a negative speed are rejected', () => {
    const cassettes = openCassettes(createFolder())

    expect(() => createEmulator({ replay: { cassettes, mode: 'diff' } })).toThrow(
      'the mode diff needs an upstream',
    )
    expect(() => createEmulator({ replay: { cassettes, patterns: ['('] } })).toThrow(
      'the pattern "(" is not valid',
    )
    expect(() => createEmulator({ replay: { cassettes, speed: -1 } })).toThrow('speed')
  })

  test('the recorded times are kept at speed 1', async () => {
    const folder = createFolder()
    await send(
      await record(folder, {}, { tokensPerSecond: 100 }),
      ask('Slow?', { stream: true, max_tokens: 30 }),
    )
    const measure = async (speed: number) => {
      const player = await replay(folder, { speed })
      const startMs = performance.now()
      await send(player, ask('Slow?', { stream: true }))
      return performance.now() - startMs
    }

    const [kept, fast] = [await measure(1), await measure(0)]
    expect(kept).toBeGreaterThan(200)
    expect(fast).toBeLessThan(kept)
  })

  test('faults strike replayed answers too', async () => {
    const folder = createFolder()
    await send(await record(folder), ask('Hello!', { stream: true }))
    const player = await replay(folder)
    player.emulator.failNext({ status: 529 })

    expect((await send(player, ask('Hello!', { stream: true }))).status).toBe(529)
    expect((await send(player, ask('Hello!', { stream: true }))).status).toBe(200)
  })

  test('requests that belong to no conversation are recorded by path and body', async () => {
    const folder = createFolder()
    const proxy = await record(folder)
    const get = async (url: string, path: string) =>
      (await fetch(url + path, { headers: { 'anthropic-version': '2023-06-01' } })).text()
    const models = await get(proxy.url, '/v1/models?limit=2')
    const player = await replay(folder)

    expect(await get(player.url, '/v1/models?limit=2')).toBe(models)
    expect(await get(player.url, '/v1/models?limit=3')).toContain(
      'path is \\"/v1/models?limit=3\\", recorded \\"/v1/models?limit=2\\"',
    )
  })
})

/** An emulator, and another one before it that records what the folder does not have. */
async function listenRecordMissing(folder: string) {
  const warnings: string[] = []
  const live = await listen()
  const proxy = await listen({
    replay: {
      cassettes: openCassettes(folder),
      mode: 'record-missing',
      upstream: createSocketUpstream(live.url),
      warn: (line) => warnings.push(line),
    },
  })
  return { live, proxy, warnings }
}
