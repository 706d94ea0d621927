import { hash } from 'node:crypto'
import { lstatSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

/** A folder that can have journals, and the beginning of their names there. */
export interface JournalPlace {
  readonly folder: string
  readonly prefix: string
  /** False: the folder is made only inside of one that exists. A data folder that was removed must not be created again. */
  readonly creates: boolean
}

/**
 * The places for the journals of a data folder, best first. The second one takes the calls that run while the data
 * folder takes nothing, as on a full disk. Default: a folder of this user in the system's temporary folder.
 */
export function listJournalPlaces(
  dataFolder: string,
  emergencyFolder?: string,
): readonly [JournalPlace, JournalPlace] {
  const path = resolve(dataFolder)
  return [
    { folder: join(path, 'journal'), prefix: '', creates: false },
    {
      folder: emergencyFolder ?? join(tmpdir(), `anthology-${process.getuid?.() ?? 'emergency'}`),
      prefix: `emergency-${hash('sha256', path).slice(0, 16)}-`,
      creates: true,
    },
  ]
}

/** One file of a process' journal. A process writes its segments one after another. */
export interface Segment {
  /** The process: a part of the file's name that no other process has. */
  readonly source: string
  /** Counts from 1. */
  readonly number: number
  readonly path: string
}

export function nameSegment({ folder, prefix }: JournalPlace, source: string, number: number): string {
  return join(folder, `${prefix}${source}-${String(number).padStart(6, '0')}.journal`)
}

/** Finds all segments, and the emergency files of earlier versions as segments of their own sources; oldest first. */
export function findSegments(dataFolder: string, emergencyFolder?: string): readonly Segment[] {
  const legacy = { folder: resolve(dataFolder), prefix: 'emergency-', creates: false }
  const found = new Map<string, Segment>()
  for (const place of [...listJournalPlaces(dataFolder, emergencyFolder), legacy])
    // The places may be one folder.
    for (const segment of listSegments(place)) if (!found.has(segment.path)) found.set(segment.path, segment)
  return [...found.values()].toSorted((one, other) => one.number - other.number)
}

/** Finds the segments with bytes that are no record; they were stored up to there and kept under another name. */
export function findTornSegments(dataFolder: string, emergencyFolder?: string): readonly string[] {
  const folders = listJournalPlaces(dataFolder, emergencyFolder).filter(isTrusted)
  return folders.flatMap(({ folder, prefix }) =>
    readdirSync(folder)
      .filter((name) => name.startsWith(prefix) && name.endsWith('.journal.torn'))
      .map((name) => join(folder, name)),
  )
}

function listSegments(place: JournalPlace): readonly Segment[] {
  if (!isTrusted(place)) return []
  return readdirSync(place.folder).flatMap((name) => {
    if (!name.startsWith(place.prefix) || !name.endsWith('.journal')) return []
    const rest = name.slice(place.prefix.length, -'.journal'.length)
    const { source = rest, number = '1' } = /^(?<source>.+)-(?<number>\d{6,})$/.exec(rest)?.groups ?? {}
    return [{ source, number: Number(number), path: join(place.folder, name) }]
  })
}

/** Anybody can create a folder in the temporary folder, and calls of a stranger must not become calls of the ledger. */
export function isTrusted({ folder, creates }: JournalPlace): boolean {
  try {
    const found = lstatSync(folder)
    return found.isDirectory() && (!creates || process.getuid === undefined || found.uid === process.getuid())
  } catch {
    return false
  }
}
