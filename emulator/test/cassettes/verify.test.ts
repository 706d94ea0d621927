import { describe, expect, test } from 'vitest'

import { describeReport, openCassettes } from '../../src/index.ts'
import { ask, createFolder, listen, record, replay, send } from './rig.ts'
import type { Listening } from './rig.ts'
import { createSocketUpstream } from './socket-upstream.ts'

describe('a report of an emulator with recordings', () => {
  test('lists the recordings that answered nothing, beside unused rules and misses', async () => {
    const folder = createFolder()
    await recordAll(folder, ['Used?', 'Unused?'])
    const player = await listen({
      scenario: {
        version: 1,
        rules: [{ name: 'models', when: { path: '/v1/models' }, fault: { status: 500 } }],
      },
      replay: { cassettes: openCassettes(folder) },
    })
    await send(player, ask('Used?'))
    await send(player, ask('Missing?'))
    const report = player.emulator.report()

    expect(report).toEqual({
      unused: [{ rule: 'rule 1 "models"', used: 0, times: null }],
      unmatched: [{ path: '/v1/messages', message: expect.stringContaining('No recording matches') }],
      unusedRecordings: [expect.stringMatching(/^unused-[0-9a-f]{8}\.yaml, exchange 1$/)],
    })
    expect(describeReport(report)).toEqual([
      'rule 1 "models" was not used',
      expect.stringMatching(/^recording unused-[0-9a-f]{8}\.yaml, exchange 1 was not used$/),
      expect.stringMatching(/^\/v1\/messages: No recording matches/),
    ])
    expect(await readVerify(player)).toEqual({
      unused: report.unused,
      unmatched: report.unmatched,
      unused_recordings: report.unusedRecordings,
    })
  })

  test('has no list of recordings where there are none', async () => {
    const plain = await listen()

    expect(plain.emulator.report()).toEqual({ unused: [], unmatched: [] })
    expect(await readVerify(plain)).toEqual({ unused: [], unmatched: [] })
  })

  test('counts a recording as used over resets, and each miss once', async () => {
    const folder = createFolder()
    await recordAll(folder, ['One?', 'Two?', 'Three?'])
    const player = await replay(folder)
    const { emulator } = player
    await send(player, ask('One?'))
    await send(player, ask('Missing?'))
    emulator.replaceScenario({ version: 1, rules: [] })
    emulator.reset()
    await send(player, ask('Two?'))

    expect(emulator.report()).toMatchObject({
      unmatched: [],
      unusedRecordings: [expect.stringContaining('one-'), expect.stringContaining('three-')],
    })
    expect(emulator.totalReport()).toMatchObject({
      unmatched: [{ path: '/v1/messages' }],
      unusedRecordings: [expect.stringContaining('three-')],
    })
    emulator.reset()
    expect(emulator.totalReport()).toMatchObject({
      unmatched: [{ path: '/v1/messages' }],
      unusedRecordings: [expect.stringContaining('three-')],
    })
  })

  test('counts what this run has recorded or compared as used', async () => {
    const folder = createFolder()
    await recordAll(folder, ['Old?', 'Again?'])
    const proxy = await record(folder)
    await send(proxy, ask('Again?'))
    await send(proxy, ask('New?'))
    const compared = await listen({
      replay: {
        cassettes: openCassettes(folder),
        mode: 'diff',
        upstream: createSocketUpstream((await listen()).url),
      },
    })
    await send(compared, ask('New?'))

    expect(proxy.emulator.unusedRecordings).toEqual([expect.stringContaining('old-')])
    proxy.emulator.reset()
    expect(proxy.emulator.totalReport().unusedRecordings).toEqual([expect.stringContaining('old-')])
    expect(compared.emulator.report().unusedRecordings).toEqual([
      expect.stringContaining('again-'),
      expect.stringContaining('old-'),
    ])
  })
})

async function recordAll(folder: string, questions: readonly string[]): Promise<void> {
  const proxy = await record(folder)
  for (const question of questions) await send(proxy, ask(question))
}

async function readVerify({ url }: Listening): Promise<unknown> {
  return (await fetch(`${url}/emulator/v1/verify`)).json()
}
