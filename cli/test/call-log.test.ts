import { expect, test } from 'vitest'

import { createCallLog } from '../src/call-log.ts'
import type { Context } from '../src/index.ts'

test('writes the lines of a moment together, each as JSON with its time', async () => {
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

test('writes an error at once, behind what waits, and nothing twice', async () => {
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

function open() {
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
    isTty: false,
    stdinIsTty: false,
    columns: 80,
    color: false,
  }
  return { context, written }
}
