import { encodeHex } from '@anthology/wire'
import { sha256 } from '@noble/hashes/sha2.js'

import type { Cassette, RecordedExchange } from '../cassette.ts'
import { parseCassette } from './parse-cassette.ts'
import { printCassette, printExchange } from './print-cassette.ts'

/** Recordings, in a folder or in memory only. */
export interface CassetteStore {
  /** All exchanges with their places, by name of the cassette. */
  list(): readonly StoredExchange[]
  /** Adds an exchange, and writes its cassette if the store has a folder. */
  add(recording: NewRecording): void
  /** Gives each request its place in the run, when it is sent. */
  takeOrder(): number
  /** Grows with each change. */
  readonly version: number
}

export interface StoredExchange {
  readonly exchange: RecordedExchange
  /** For a person: the file and the number of the exchange in it, such as `weather-1f2e3d4c.yaml, exchange 2`. */
  readonly label: string
}

export interface NewRecording {
  readonly exchange: RecordedExchange
  readonly conversation: string
  /** The printed exchange. */
  readonly text: string
  /** The place among the exchanges of this run: those that end late may have begun early. */
  readonly order: number
  /** Whether the first recording of a run removes what earlier runs recorded of the conversation. */
  readonly replaces: boolean
}

/** The files of a store. */
export interface CassetteFiles {
  write(name: string, text: string): void
  /** Null if there is no such file. */
  read(name: string): string | null
}

interface Entry {
  readonly exchange: RecordedExchange
  readonly text: () => string
  readonly order: number
}

interface StoredCassette {
  readonly conversation: string
  /** The entries of the file when it was opened. */
  readonly opened: readonly Entry[]
  entries: readonly Entry[]
  /** This run has recorded something of it. */
  isTouched: boolean
  /** The text that was written last; null: none was. */
  written: string | null
}

/** Creates a store from cassettes that were read, by file name; without files it is in memory only. */
export function createCassetteStore(
  cassettes: readonly (readonly [name: string, cassette: Cassette])[] = [],
  files: CassetteFiles | null = null,
): CassetteStore {
  const stored = new Map(cassettes.map(([name, cassette]) => [name, openCassette(cassette)]))
  let version = 0
  let taken = 0
  return {
    takeOrder: () => {
      taken += 1
      return taken
    },
    get version() {
      return version
    },
    list: () =>
      [...stored].flatMap(([name, { entries }]) =>
        entries.map(({ exchange }, index) => ({ exchange, label: `${name}, exchange ${index + 1}` })),
      ),
    add: ({ exchange, conversation, text, order, replaces }) => {
      const name = nameCassette(conversation)
      const found = stored.get(name) ?? createEmpty(conversation)
      const others = listOthers(found, name, files)
      const kept = replaces && !found.isTouched ? [] : found.entries
      found.isTouched = true
      found.entries = [...others, ...kept, { exchange, text: () => text, order }].toSorted(
        (one, other) => one.order - other.order,
      )
      found.written = printCassette(
        found.conversation,
        found.entries.map((entry) => entry.text()),
      )
      stored.set(name, found)
      version += 1
      files?.write(name, found.written)
    },
  }
}

function createEmpty(conversation: string): StoredCassette {
  return { conversation: cutTitle(conversation), opened: [], entries: [], isTouched: false, written: null }
}

/**
 * Lists what another process has added to the file since this one opened it, such as another worker of a test runner. It
 * belongs to this run, also where this run replaces those before it.
 */
function listOthers(cassette: StoredCassette, name: string, files: CassetteFiles | null): readonly Entry[] {
  const text = files?.read(name) ?? null
  if (text === null || text === cassette.written) return []
  const known = new Set([...cassette.opened, ...cassette.entries].map((entry) => entry.text()))
  return openCassette(parseCassette(text, name)).entries.filter((entry) => !known.has(entry.text()))
}

/** The order of exchanges of earlier runs, which come before all others. */
const earlierRun = 0

function openCassette({ conversation, exchanges }: Cassette): StoredCassette {
  const entries = exchanges.map((exchange) => {
    let printed: string | null = null
    return { exchange, text: () => (printed ??= printExchange(exchange)), order: earlierRun }
  })
  return { conversation, opened: entries, entries, isTouched: false, written: null }
}

/** The file name of a conversation: letters and digits of its first words, and a hash of all. */
function nameCassette(conversation: string): string {
  const words = conversation
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^-/, '')
    .slice(0, maxNameLength)
    .replace(/-$/, '')
  const hash = encodeHex(sha256(new TextEncoder().encode(conversation))).slice(0, 8)
  return `${words === '' ? 'conversation' : words}-${hash}.yaml`
}

const maxNameLength = 40

function cutTitle(conversation: string): string {
  return conversation.length <= maxTitleLength ? conversation : `${conversation.slice(0, maxTitleLength)}…`
}

const maxTitleLength = 200
