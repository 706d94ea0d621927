import { appendFileSync } from 'node:fs'

import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'

import { JournalWriter } from '../../src/ledger/journal-writer.ts'
import { Ingester } from '../../src/store/ingester.ts'
import { findSegments, listJournalPlaces } from '../../src/store/journal-folder.ts'
import type { Database, SqlRow } from '../../src/store/database.ts'
import { openStore } from '../../src/store/open-store.ts'
import type { LedgerSink } from '../../src/store/sink.ts'
import { openConnections } from '../../src/store/postgres/connections.ts'
import { createPostgresSink } from '../../src/store/postgres/postgres-sink.ts'
import { openDatabase } from '../../src/store/sqlite/database.ts'
import { createSqliteSink } from '../../src/store/sqlite/sqlite-sink.ts'
import { callEnd, callStart } from '../ledger/call-rows.ts'
import { temporaryFolder } from '../running-gateway.ts'
import { startPostgres } from './running-postgres.ts'
import type { RunningPostgres } from './running-postgres.ts'

/** What a transaction of the store does. */
type Result = 'stored' | 'fails' | 'fails after its commit'

type Step =
  | { readonly kind: 'begin' | 'end'; readonly process: number; readonly call: number }
  | { readonly kind: 'reject' | 'file' | 'turn'; readonly process: number }
  | { readonly kind: 'ingest'; readonly results: readonly Result[]; readonly lists: boolean }
  /** The process is killed, perhaps in the middle of a write: `torn` bytes of a record are in its journal. */
  | { readonly kind: 'kill'; readonly process: number; readonly torn: number }
  /** The whole server is killed and started again. */
  | { readonly kind: 'restart'; readonly torn: number; readonly results: readonly Result[] }

const processes = fc.nat({ max: 1 })
const results = fc.array(fc.constantFrom<Result>('stored', 'fails', 'fails after its commit'), {
  maxLength: 4,
})
const torn = fc.constantFrom(0, 0, 3, 40)

const steps: fc.Arbitrary<readonly Step[]> = fc.array(
  fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constantFrom('begin' as const, 'end' as const),
        process: processes,
        call: fc.nat({ max: 5 }),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constantFrom('reject' as const, 'file' as const, 'turn' as const, 'turn' as const),
        process: processes,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('ingest' as const), results, lists: fc.boolean() }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const), process: processes, torn }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), torn, results }) },
  ),
  { minLength: 10, maxLength: 60, size: 'max' },
)

let postgres: RunningPostgres

beforeAll(async () => {
  postgres = await startPostgres()
})

afterAll(() => postgres.remove())

/** A store, and its ledger as a start of the server opens it: closing one closes all of them. */
interface OpenedStore {
  readonly database: Database
  openSink(): LedgerSink
}

const stores: Readonly<Record<string, (folder: string) => Promise<OpenedStore>>> = {
  async sqlite(folder) {
    const own = openDatabase(folder)
    return { database: await openStore({ dataFolder: folder }), openSink: () => createSqliteSink(own) }
  },
  async postgres(folder) {
    const url = await postgres.createDatabase()
    const database = await openStore({ dataFolder: folder, store: url })
    const connections = await openConnections({ url })
    return { database, openSink: () => createPostgresSink({ connections, replica: 'replica_1' }) }
  },
}

/** A database of PostgreSQL takes as long to create as all steps of a run. */
const runs: Readonly<Record<string, number>> = { sqlite: 60, postgres: 8 }
const repeats = Number(process.env['ANTHOLOGY_CRASH_REPEATS'] ?? 1)

test.each(Object.entries(stores))(
  'with %s loses no record that was confirmed and counts none twice, whatever is killed at whatever write',
  async (name, openOne) => {
    onTestFinished(() => void vi.useRealTimers())
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        vi.useRealTimers()
        const folder = temporaryFolder()
        const store = await openOne(folder)
        vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
        const server = new KilledServer(folder, store)

        for (const step of taken) await server.take(step)
        await server.stop()

        expect(await server.readStored()).toEqual(server.getExpected())
        await store.database.close()
      }),
      { numRuns: (runs[name] ?? 1) * repeats },
    )
  },
)

interface ServedProcess {
  readonly source: string
  readonly journal: JournalWriter
  /** The ids of its running calls, by their number. */
  readonly calls: Map<number, string>
}

/** Processes with journals, the ingester that reads them, and a model of what the ledger must have. */
class KilledServer {
  readonly #folder: string
  readonly #store: OpenedStore
  readonly #outcomes = new Map<string, string>()
  readonly #files: string[] = []
  #rejections = 0
  #names = 0
  #results: Result[] = []
  #nowMs = 0
  #processes: ServedProcess[]
  #ingester: Ingester

  constructor(folder: string, store: OpenedStore) {
    this.#folder = folder
    this.#store = store
    this.#processes = [this.#startProcess(), this.#startProcess()]
    this.#ingester = this.#createIngester()
  }

  async take(step: Step): Promise<void> {
    this.#nowMs += 300
    switch (step.kind) {
      case 'ingest':
        this.#results = [...step.results]
        return this.#ingester.ingest({ lists: step.lists }).catch(() => {})
      case 'restart':
        this.#results = []
        for (const one of this.#processes) await this.#kill(one, step.torn)
        this.#processes = [this.#startProcess(), this.#startProcess()]
        this.#results = [...step.results]
        return this.#recover()
      case 'kill': {
        const killed = this.#processes[step.process] as ServedProcess // There are two.
        await this.#kill(killed, step.torn)
        this.#processes[step.process] = this.#startProcess()
        this.#results = []
        return this.#ingester.finish(killed.source)
      }
      case 'begin':
      case 'end':
      case 'reject':
      case 'file':
      case 'turn':
        return this.#serve(this.#processes[step.process] as ServedProcess, step) // There are two.
    }
  }

  async stop(): Promise<void> {
    for (const one of this.#processes) await this.#kill(one, 0)
    this.#results = []
    await this.#recover()
    await this.#ingester.close()
  }

  async readStored() {
    const all = (sql: string): Promise<readonly SqlRow[]> => this.#store.database.query(sql)
    const sum = async (sql: string) => Number(Object.values((await all(sql))[0] ?? {})[0] ?? 0)
    const outcomes = await all('SELECT id, outcome FROM all_calls')
    const files = await all('SELECT id FROM resources')
    return {
      outcomes: Object.fromEntries(outcomes.map(({ id, outcome }) => [id, outcome])),
      rejections: await sum('SELECT sum(calls) FROM rejected_calls'),
      files: files.map(({ id }) => String(id)).toSorted(),
      calls: await sum("SELECT sum(calls) FROM rollups WHERE span = 'hour'"),
      cost: await sum("SELECT sum(cost_nano_usd) FROM rollups WHERE span = 'hour'"),
      open: await sum('SELECT count(*) FROM open_calls'),
      journals: findSegments(this.#folder).length,
    }
  }

  getExpected() {
    const outcomes = Object.fromEntries(this.#outcomes)
    const answered = [...this.#outcomes.values()].filter((outcome) => outcome === 'answered').length
    return {
      outcomes,
      rejections: this.#rejections,
      files: this.#files.toSorted(),
      calls: this.#outcomes.size,
      cost: answered * 1_500_000,
      open: 0,
      journals: 0,
    }
  }

  async #serve(
    { journal, calls }: ServedProcess,
    step: Exclude<Step, { kind: 'ingest' | 'kill' | 'restart' }>,
  ) {
    switch (step.kind) {
      case 'begin': {
        if (calls.has(step.call)) return
        const id = `req_${(this.#names += 1)}`
        calls.set(step.call, id)
        void journal.write({ start: callStart({ id }), end: null })
        this.#outcomes.set(id, 'unknown')
        return
      }
      case 'end': {
        const id = calls.get(step.call)
        if (id === undefined) return
        calls.delete(step.call)
        void journal.write({ start: callStart({ id }), end: callEnd() })
        this.#outcomes.set(id, 'answered')
        return
      }
      case 'reject':
        journal.countRejection('key_1', 'rate_limited', 1)
        this.#rejections += 1
        // Rejections are summed for a second.
        vi.advanceTimersByTime(1_000)
        return
      case 'file': {
        const id = `file_${(this.#names += 1)}`
        void journal.change({ kind: 'created', resource: createFile(id) })
        this.#files.push(id)
        return
      }
      case 'turn':
        await journal.change({ kind: 'deleted', id: 'file_0' })
    }
  }

  /** Everything is confirmed before the kill, because the model does not know what a kill would leave out. */
  async #kill({ source, journal }: ServedProcess, tornBytes: number): Promise<void> {
    await journal.close()
    const last = findSegments(this.#folder).findLast((segment) => segment.source === source)
    if (last !== undefined && tornBytes > 0) appendFileSync(last.path, Buffer.alloc(tornBytes, 7))
  }

  /** A start that fails is tried again, as a supervisor does. */
  async #recover(): Promise<void> {
    for (;;) {
      this.#ingester = this.#createIngester()
      try {
        await this.#ingester.recover()
        return
      } catch {
        // Each failure uses up one of the results.
      }
    }
  }

  #startProcess(): ServedProcess {
    const source = `process-${(this.#names += 1)}`
    const journal = new JournalWriter({
      places: listJournalPlaces(this.#folder),
      source,
      durability: 'process',
      waitMs: 1_000,
      segmentBytes: 700,
      onAppended: () => {},
      onFailure: (message) => {
        throw new Error(message)
      },
    })
    return { source, journal, calls: new Map() }
  }

  #createIngester(): Ingester {
    return new Ingester({
      findSegments: () => findSegments(this.#folder),
      sink: this.#failAsPlanned(this.#store.openSink()),
      nowMs: () => this.#nowMs,
    })
  }

  #failAsPlanned(sink: LedgerSink): LedgerSink {
    return {
      ...sink,
      ingest: async (part) => {
        const result = this.#results.shift() ?? 'stored'
        if (result !== 'fails') await sink.ingest(part)
        if (result !== 'stored') throw new Error('planned')
      },
    }
  }
}

function createFile(id: string) {
  const owner = { key_id: 'key_1', workspace_id: 'default', member_id: null, labels: null }
  const times = { created_at_ms: 1, settled_at_ms: null, hold_nano_usd: null, process_id: null }
  return { id, kind: 'file', ...owner, upstream: 'recorder', ...times, models: {}, betas: [] } as const
}
