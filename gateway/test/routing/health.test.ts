import { expect, test } from 'vitest'

import { createHealth } from '../../src/routing/health.ts'
import type { AccountReport } from '../../src/routing/health.ts'

function createClocked(circuit = {}) {
  let now = 1_000_000
  const health = createHealth(circuit, () => now)
  return { health, pass: (ms: number) => (now += ms) }
}

test('a circuit opens after enough failures within the window, and lets one call try it after the wait', () => {
  const { health, pass } = createClocked({ failures: 3, window_ms: 10_000, probe_ms: 5_000 })

  for (let failure = 0; failure < 2; failure += 1) health.fail('a', 'm', 'broken')
  pass(10_001)
  health.fail('a', 'm', 'broken')
  expect(health.check('a', 'm', 'messages')).toEqual({ kind: 'healthy' })
  health.fail('a', 'm', 'broken')
  health.fail('a', 'm', 'broken')
  expect(health.check('a', 'm', 'messages')).toEqual({ kind: 'open', forMs: 5_000, refusal: null })
  expect(health.check('a', 'other model', 'messages')).toEqual({ kind: 'healthy' })
  pass(5_000)
  expect(health.check('a', 'm', 'messages')).toEqual({ kind: 'probe' })
  health.begin('a', 'm', 'messages')
  expect(health.check('a', 'm', 'messages')).toEqual({ kind: 'open', forMs: 5_000, refusal: null })
})

test('a failed probe opens the circuit again, a good one closes it', () => {
  const { health, pass } = createClocked({ failures: 1, probe_ms: 5_000 })
  health.fail('a', 'm', 'broken')
  pass(5_000)
  health.begin('a', 'm', 'messages')
  pass(100)
  health.fail('a', 'm', 'broken')
  expect(health.check('a', 'm', 'messages')).toEqual({ kind: 'open', forMs: 5_000, refusal: null })
  pass(5_000)
  health.begin('a', 'm', 'messages')
  health.succeed('a', 'm', 'messages', 0)
  expect(health.check('a', 'm', 'messages')).toEqual({ kind: 'healthy' })
  expect(health.list()).toEqual([])
})

test('an exhausted quota blocks for the time that the upstream says, else for doubling times, and opens no circuit', () => {
  const { health, pass } = createClocked({ failures: 1 })
  health.block('a', 'm', 'messages', 7_000)
  expect(health.check('a', 'm', 'messages')).toEqual({ kind: 'blocked', quota: 'messages', forMs: 7_000 })
  pass(7_000)
  expect(health.check('a', 'm', 'messages')).toEqual({ kind: 'healthy' })
  const waits: number[] = []
  for (let refusal = 0; refusal < 7; refusal += 1) {
    health.block('a', 'm', 'messages', null)
    const state = health.check('a', 'm', 'messages')
    const forMs = state.kind === 'blocked' ? state.forMs : 0
    waits.push(forMs)
    pass(forMs)
  }
  expect(waits).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 32_000, 32_000])
})

test('calls that were under way together are one refusal, and do not double the wait', () => {
  const { health, pass } = createClocked()
  const block = () => {
    for (let call = 0; call < 16; call += 1) health.block('a', 'm', 'messages', null)
    const state = health.check('a', 'm', 'messages')
    return state.kind === 'blocked' ? state.forMs : 0
  }

  expect(block()).toBe(1_000)
  pass(1_000)
  expect(block()).toBe(2_000)
})

test('an answer ends a block only if its call was sent after the refusal, and closes the circuit in any case', () => {
  const { health, pass } = createClocked({ failures: 1 })
  health.fail('a', 'm', 'broken')
  health.block('a', 'm', 'messages', 10_000)
  pass(1_000)

  health.succeed('a', 'm', 'messages', 5_000)
  const afterEarlierCall = health.list()
  health.succeed('a', 'm', 'messages', 500)

  expect(afterEarlierCall).toMatchObject([
    {
      state: { kind: 'blocked', quota: 'messages', forMs: 9_000 },
      failures: 0,
      lastFailure: null,
      openedAgoMs: null,
    },
  ])
  expect(health.list()).toEqual([])
})

test('counts each opening of a circuit once, whatever happens while it is open', () => {
  const { health, pass } = createClocked({ failures: 2, probe_ms: 5_000 })
  const count = () => health.listOpenings().map(({ model, times }) => [model, times])

  health.fail('a', 'm', 'broken')
  expect(count()).toEqual([])
  health.fail('a', 'm', 'broken')
  // A call that was under way, then a failed probe.
  health.fail('a', 'm', 'broken')
  pass(5_000)
  health.begin('a', 'm', 'messages')
  health.fail('a', 'm', 'broken')
  expect(count()).toEqual([['m', 1]])
  health.succeed('a', 'm', 'messages', 0)
  expect(count()).toEqual([['m', 1]])
  health.fail('a', 'm', 'broken')
  health.fail('a', 'm', 'broken')
  health.block('a', 'n', 'messages', null)
  expect(count()).toEqual([['m', 2]])
})

test('each quota of a model is blocked by itself, and its own answers end the wait', () => {
  const { health, pass } = createClocked()
  health.block('a', 'm', 'fast', 10_000)
  pass(1_000)

  const kinds = (['messages', 'fast', 'token_count'] as const).map((quota) => health.check('a', 'm', quota))
  const [listed] = health.list()
  health.succeed('a', 'm', 'messages', 0)
  const afterOther = health.check('a', 'm', 'fast')
  health.succeed('a', 'm', 'fast', 0)

  const blocked = { kind: 'blocked', quota: 'fast', forMs: 9_000 }
  expect(kinds).toEqual([{ kind: 'healthy' }, blocked, { kind: 'healthy' }])
  expect(listed).toMatchObject({
    state: { kind: 'healthy' },
    exhausted: [{ quota: 'fast', forMs: 9_000 }],
  })
  expect(afterOther).toEqual(blocked)
  expect(health.list()).toEqual([])
})

test('a refusal is for minutes, and only an answer to a later call that is billed ends it', () => {
  const { health, pass } = createClocked()
  health.reject('a', 'm', 'spend', 'no credit')
  pass(1_000)

  health.succeed('a', 'm', 'messages', 2_000)
  health.succeed('a', 'm', 'token_count', 0)
  expect(health.check('a', 'other', 'messages')).toEqual({
    kind: 'open',
    forMs: 59_000,
    refusal: 'spend',
  })
  pass(59_000)
  health.begin('a', 'm', 'token_count')
  expect(health.check('a', 'm', 'messages')).toEqual({ kind: 'probe' })
  const waits: number[] = []
  for (let probe = 0; probe < 5; probe += 1) {
    health.begin('a', 'm', 'messages')
    pass(1)
    health.reject('a', 'm', 'spend', 'no credit')
    health.reject('a', 'm', 'spend', 'no credit')
    const state = health.check('a', 'm', 'messages')
    waits.push(state.kind === 'open' ? state.forMs : 0)
    pass(waits.at(-1) ?? 0)
  }
  expect(waits).toEqual([120_000, 240_000, 480_000, 900_000, 900_000])
  health.succeed('a', 'm', 'messages', 0)
  expect(health.check('a', 'm', 'messages')).toEqual({ kind: 'healthy' })
  expect(health.list()).toEqual([])
  expect(health.listOpenings()).toEqual([{ upstream: 'a', model: '*', times: 1 }])
})

test('what one process learns of an account keeps the calls of the others away, and is not passed on again', () => {
  const reports: AccountReport[] = []
  const clock = { now: 1_000_000 }
  const one = createHealth(
    {},
    () => clock.now,
    (report) => void reports.push(report),
  )
  const other = createHealth(
    {},
    () => clock.now,
    () => expect.unreachable('the report came from another process'),
  )
  one.block('bedrock', 'm', 'messages', 20_000)
  one.reject('claude', 'm', 'spend', 'x'.repeat(10_000))
  one.reject('vertex', 'm', 'model', 'no access')
  one.fail('local', 'm', 'connection refused')
  for (const report of reports) other.merge(report)

  expect(reports).toHaveLength(3)
  expect(JSON.stringify(reports).length).toBeLessThan(1_000)
  expect(other.check('bedrock', 'm', 'messages')).toEqual({
    kind: 'blocked',
    quota: 'messages',
    forMs: 20_000,
  })
  expect(other.check('bedrock', 'm', 'token_count')).toEqual({ kind: 'healthy' })
  expect(other.check('claude', 'another model', 'messages')).toMatchObject({ kind: 'open', refusal: 'spend' })
  expect(other.check('vertex', 'm', 'messages')).toMatchObject({ kind: 'open', refusal: 'model' })
  expect(other.check('vertex', 'another model', 'messages')).toEqual({ kind: 'healthy' })
  expect(other.listOpenings()).toEqual([])
  clock.now += 20_000
  expect(other.check('bedrock', 'm', 'messages')).toEqual({ kind: 'healthy' })
})

test('a shorter report does not shorten a wait, and an answer to a later call ends it', () => {
  const { health, pass } = createClocked()
  health.block('a', 'm', 'messages', 30_000)
  health.merge({ upstream: 'a', model: 'm', exhausted: 'messages', forMs: 1_000 })
  expect(health.check('a', 'm', 'messages')).toMatchObject({ forMs: 30_000 })
  pass(100)
  health.succeed('a', 'm', 'messages', 200)
  expect(health.check('a', 'm', 'messages')).toMatchObject({ kind: 'blocked' })
  health.succeed('a', 'm', 'messages', 50)
  expect(health.check('a', 'm', 'messages')).toEqual({ kind: 'healthy' })
})

test('a report has the wait of its own refusal: an earlier one may be over for the process that gets it', () => {
  const reports: AccountReport[] = []
  const clock = { now: 1_000_000 }
  const health = createHealth(
    {},
    () => clock.now,
    (report) => void reports.push(report),
  )
  health.merge({ upstream: 'a', model: 'm', exhausted: 'messages', forMs: Number.MAX_SAFE_INTEGER })
  health.block('a', 'm', 'messages', 2_000)
  health.block('a', 'm', 'messages', null)
  health.block('a', 'm', 'messages', 0)

  expect(reports).toEqual([{ upstream: 'a', model: 'm', exhausted: 'messages', forMs: 2_000 }])
  expect(health.check('a', 'm', 'messages')).toMatchObject({ forMs: 3_600_000 })
})
