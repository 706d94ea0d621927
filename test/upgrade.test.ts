import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { formatNanoUsd } from '@anthology/catalog'
import { openDatabase } from '@anthology/gateway'
import { afterEach, beforeEach, expect, test } from 'vitest'

import { run } from '../cli/test/console.ts'
import { repository, startServer } from './anthology-process.ts'

// Commit 808986d made both data folders: it served clients over sockets, through every protocol, and in the second
// folder its process was killed while calls ran. The record has that commit's results of commands and queries. A name
// is always a whole word, so one table translates commands, queries and results.

/** Words of 808986d, in commands, queries and answers, with the words that mean the same today. */
const renamed: Readonly<Record<string, string>> = {
  door: 'protocol',
  refused: 'upstream_error',
  client_gone: 'client_closed',
  upstream_died: 'upstream_aborted',
  items: 'resources',
  aws_pairs: 'aws_credentials',
  starts: 'open_calls',
}

const fixtures = join(repository, 'test/fixtures')
const record = readRecord()
let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'anthology-upgrade-'))
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('every command prints the same for an older data folder as before', async () => {
  copyFixture('data-folder-808986d')

  const printed = await runAll(Object.keys(record.clean.commands))

  expect(sortRows(printed)).toMatchObject(sortRows(record.clean.commands))
})

test('an older data folder keeps the sum of every column, its batches, files and keys', () => {
  copyFixture('data-folder-808986d')

  const found = queryAll(Object.keys(record.clean.queries))

  expect(found).toMatchObject(record.clean.queries)
})

test('a server continues an older data folder, and the sums grow by exactly its call', async () => {
  copyFixture('data-folder-808986d')
  const server = await startServer(folder)

  const call = await sendCall(server.url, record.key)
  await server.close()
  const after = await readReport()

  const before = record.clean.commands['usage --by model'] as Report // The record was made by this command.
  const rows = before.rows.map((row) => (row['model'] === call.model ? addCall(row, call) : row))
  expect(after.rows).toMatchObject(rows)
  expect(after.total).toMatchObject({
    calls: before.total.calls + 1,
    cost_usd: addUsd(before.total.cost_usd, call.costUsd),
  })
  expect(await runAll(['usage --calls --limit 1'])).toMatchObject({
    'usage --calls --limit 1': [{ id: call.id, outcome: 'answered', cost_usd: call.costUsd }],
  })
})

test('the upgrade of an older data folder says how far it is, in the log of a server and beside the output of a command', async () => {
  copyFixture('data-folder-808986d')
  const { err } = await run(['usage', '--by', 'model', '--data', folder])
  rmSync(folder, { recursive: true })
  copyFixture('data-folder-808986d')
  const server = await startServer(folder)
  await server.close()

  for (const text of [err, server.errors()])
    expect(text).toMatch(/the ledger is being upgraded: 0 of [1-9]\d* rows of calls/)
})

test('calls that kill -9 left open are running until a server starts', async () => {
  copyFixture('data-folder-808986d-killed')

  const printed = await runAll(Object.keys(record.killed.commands))
  const found = queryAll(Object.keys(record.killed.queries))

  expect(sortRows(printed)).toMatchObject(sortRows(record.killed.commands))
  expect(found).toMatchObject(record.killed.queries)
})

test('calls that kill -9 left open are unknown once a server has started, and the sums stay', async () => {
  copyFixture('data-folder-808986d-killed')

  const server = await startServer(folder)
  await server.close()
  const printed = await runAll(Object.keys(record.started.commands))
  const found = queryAll(Object.keys(record.started.queries))

  expect(sortRows(printed)).toMatchObject(sortRows(record.started.commands))
  expect(found).toMatchObject(record.started.queries)
})

interface Answers {
  /** Printed JSON, by the command line without `--data` and `--json`. */
  readonly commands: Readonly<Record<string, unknown>>
  /** Rows with their integers as text, by the SQL. */
  readonly queries: Readonly<Record<string, unknown>>
}

interface Recorded {
  /** A key of both data folders. */
  readonly key: string
  readonly clean: Answers
  readonly killed: Answers
  /** The killed folder after a server has started and stopped. */
  readonly started: Answers
}

interface Report {
  readonly total: { readonly calls: number; readonly cost_usd: string }
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

function readRecord(): Recorded {
  const text = readFileSync(join(fixtures, 'data-folder-808986d.json'), 'utf8')
  // The file was written with this type, and translation keeps it.
  return JSON.parse(translate(text), (_, value: unknown) => expandTable(value)) as Recorded
}

function translate(text: string): string {
  return text.replace(/\w+/g, (word) => renamed[word] ?? word)
}

/** The record holds a list of objects as the names of their members and a list of values for each. */
function expandTable(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('columns' in value)) return value
  const { columns, rows } = value as { columns: readonly string[]; rows: readonly unknown[][] } // The only such objects.
  return rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]])))
}

function copyFixture(name: string): void {
  cpSync(join(fixtures, name), folder, { recursive: true })
}

async function runAll(commands: readonly string[]): Promise<Record<string, unknown>> {
  const printed: Record<string, unknown> = {}
  for (const command of commands) {
    const { code, out, err } = await run([...command.split(' '), '--data', folder, '--json'])
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${err}`)
    printed[command] = JSON.parse(out)
  }
  return printed
}

/** Days are in order of time today, and calls of one millisecond in another order. */
function sortRows(printed: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const sort = (rows: readonly Readonly<Record<string, unknown>>[]) =>
    rows.toSorted((one, other) => (getPlace(one) < getPlace(other) ? -1 : 1))
  const getPlace = ({ id, day }: Readonly<Record<string, unknown>>) => JSON.stringify(id ?? day)
  return Object.fromEntries(
    Object.entries(printed).map(([command, answer]) => {
      if (Array.isArray(answer)) return [command, sort(answer)]
      const { by, rows } = answer as Report & { readonly by: string }
      return [command, by === 'day' ? { ...(answer as Report), rows: sort(rows) } : answer]
    }),
  )
}

function queryAll(queries: readonly string[]): Record<string, unknown> {
  const database = openDatabase(folder)
  try {
    return Object.fromEntries(
      queries.map((sql) => {
        const statement = database.prepare(sql)
        statement.setReadBigInts(true)
        return [sql, statement.all().map(integersAsText)]
      }),
    )
  } finally {
    database.close()
  }
}

function integersAsText(row: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? String(value) : value]),
  )
}

async function readReport(): Promise<Report> {
  const command = 'usage --by model'
  return (await runAll([command]))[command] as Report // `usage --json` prints this shape.
}

interface SentCall {
  readonly id: string
  readonly model: string
  readonly usage: { readonly input_tokens: number; readonly output_tokens: number }
  readonly costUsd: string
}

async function sendCall(url: string, key: string): Promise<SentCall> {
  const response = await fetch(`${url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'claude-opus-4-1',
      max_tokens: 64,
      messages: [{ role: 'user', content: 'How do tides work?' }],
    }),
  })
  expect(response.status).toBe(200)
  const message = (await response.json()) as Pick<SentCall, 'model' | 'usage'> // A Message has both.
  return {
    ...message,
    id: response.headers.get('request-id') ?? '',
    costUsd: response.headers.get('x-anthology-cost-usd') ?? '',
  }
}

function addCall(row: Report['rows'][number], { usage, costUsd }: SentCall): Record<string, unknown> {
  const outcomes = row['outcomes'] as Readonly<Record<string, number>> // `usage --json` prints counts here.
  return {
    ...row,
    calls: Number(row['calls']) + 1,
    outcomes: { ...outcomes, answered: Number(outcomes['answered']) + 1 },
    input_tokens: Number(row['input_tokens']) + usage.input_tokens,
    output_tokens: Number(row['output_tokens']) + usage.output_tokens,
    cost_usd: addUsd(String(row['cost_usd']), costUsd),
  }
}

function addUsd(one: string, other: string): string {
  return formatNanoUsd(parseNanoUsd(one) + parseNanoUsd(other))
}

function parseNanoUsd(usd: string): bigint {
  const [whole, fraction = ''] = usd.split('.')
  return BigInt(`${whole}${fraction.padEnd(9, '0')}`)
}
