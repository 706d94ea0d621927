import { expect, test } from 'vitest'

import { createCallLog, withoutCalls } from '../src/call-log.ts'
import type { Context } from '../src/index.ts'

test('batches lines, each as JSON with its time', async () => {
  const { context, written } = open()
  const log = createCallLog(context)

  log({ level: 'info', event: 'call', status: 200 })
  log({ level: 'warn', event: 'call', status: 502 })
  const before = written.length
  await expect.poll(() => written.length).toBe(1)

  expect(before).toBe(0)
  const lines = (written[0] ?? '').split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines).toEqual([
    { time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/), level: 'info', event: 'call', status: 200 },
    { time: expect.any(String), level: 'warn', event: 'call', status: 502 },
  ])
})

test('writes an error at once after the waiting lines, and nothing twice', async () => {
  const { context, written } = open()
  const log = createCallLog(context)

  log({ level: 'info', event: 'call' })
  log({ level: 'error', event: 'ledger_failed' })
  const atOnce = [...written]
  log({ level: 'info', event: 'call' })
  await expect.poll(() => written.length).toBe(2)

  expect(atOnce.map((text) => text.split('\n').length)).toEqual([2])
  expect(written.map((text) => text.split('\n').length)).toEqual([2, 1])
})

test.each([true, false])(
  'does not allow line injection or terminal control (terminal: %s)',
  async (isTty) => {
    const { context, written } = open(isTty)
    const log = createCallLog(context)
    const hostile = 'model: \u001b[2J\u009b31m\r\n12:00:00  call ok\u2028\u202e\u007f\u{e0001}'

    log({ level: 'info', event: 'api_error', status: 404, message: hostile })
    await expect.poll(() => written.length).toBe(1)

    expect(written[0]).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    expect(written[0]).toContain('[2J')
    // The message is escaped, not removed: a machine reads the original text.
    if (!isTty) expect(JSON.parse(written[0] ?? '')).toMatchObject({ message: hostile })
  },
)

test('without calls still logs errors of the server', () => {
  const told: string[] = []
  const log = withoutCalls(({ event }) => void told.push(event))

  log({ level: 'info', event: 'call', call: 'req_1' })
  log({ level: 'warn', event: 'call', call: 'req_2', outcome: 'upstream_aborted' })
  log({ level: 'info', event: 'api_error', call: 'req_3' })
  log({ level: 'error', event: 'api_error', call: 'req_4', code: 'internal' })
  log({ level: 'error', event: 'ledger_failed' })
  log({ level: 'warn', event: 'traces_failed' })

  expect(told).toEqual(['api_error', 'ledger_failed', 'traces_failed'])
})

test('prints an upstream error on one line of a terminal', async () => {
  const { context, written } = open(true)
  const log = createCallLog(context)

  log({
    level: 'info',
    event: 'call',
    model: 'm',
    outcome: 'api_error',
    status: 400,
    error_type: 'a\nb\u001bc',
  })
  await expect.poll(() => written.length).toBe(1)

  expect(written[0]).toContain('a\\u000ab\\u001bc')
})

function open(isTty = false) {
  const written: string[] = []
  const unused = () => {
    throw new Error('the log writes to standard error only')
  }
  const context: Context = {
    out: unused,
    err: (text) => void written.push(text),
    write: unused,
    stdin: unused,
    openLines: unused,
    env: {},
    cwd: '/',
    isTty,
    stdinIsTty: false,
    columns: 80,
    color: false,
  }
  return { context, written }
}
