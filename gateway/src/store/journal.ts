import {
  closeSync,
  constants,
  fdatasync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'

// An append-only file of records: the length of the record's bytes and their CRC-32, both 32 bits little-endian, then
// the record as UTF-8. The first record that is cut off or fails its checksum ends the file.

export interface Journal {
  /** Writes all records with one system call, into the system's cache. After an error the file is as it was before. */
  append(records: readonly string[]): void
  /** Resolves when everything that was appended is on the disk. */
  sync(): Promise<void>
  syncNow(): void
  /** The bytes of its records. */
  readonly size: number
  /** Reads the records from a byte on, in parts of about a megabyte; of a file that was removed too. */
  readFrom(offset: number): Iterable<readonly string[]>
  /** False once the file was removed or replaced: then nobody finds what is appended. */
  isReachable(): boolean
  close(): void
}

/** Opens a journal for its owner only, creates it if it is missing, and cuts off a torn record at its end. */
export function openJournal(path: string): Journal {
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants
  // In a folder of several users a link could point anywhere. Windows has neither the links nor the flag.
  const handle = openSync(path, O_RDWR | O_CREAT | (O_NOFOLLOW ?? 0), 0o600)
  let end = findEnd(handle)
  ftruncateSync(handle, end)
  const { ino, dev } = fstatSync(handle)

  return {
    append(records) {
      const bytes = encodeRecords(records)
      try {
        for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at, bytes.length - at, end + at)
        end += bytes.length
      } catch (error) {
        ftruncateSync(handle, end)
        throw error
      }
    },
    sync: () => syncData(handle),
    syncNow: () => fdatasyncSync(handle),
    get size() {
      return end
    },
    readFrom: (offset) => readParts(handle, offset),
    isReachable() {
      const found = statSync(path, { throwIfNoEntry: false })
      return found?.ino === ino && found.dev === dev
    },
    close: () => closeSync(handle),
  }
}

const syncData = promisify(fdatasync)

/** Reads the records one by one, up to a torn one. */
export function* readJournal(path: string): Generator<string> {
  for (let from = 0; ;) {
    const { records, end } = readJournalPart(path, from)
    if (records.length === 0) return
    yield* records
    from = end
  }
}

/** The whole records of a journal between two of its bytes. */
export interface JournalRead {
  readonly records: readonly string[]
  /** The byte behind the last of them. */
  readonly end: number
  /** The size of the file: beyond `end` there are more records, one that is being written, or a torn one. */
  readonly size: number
}

/** Reads about `maxBytes` of whole records from the byte `from` on, and at least one record if there is one. */
export function readJournalPart(path: string, from: number, maxBytes = defaultPartBytes): JournalRead {
  const handle = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  try {
    return readRecords(handle, from, maxBytes)
  } finally {
    closeSync(handle)
  }
}

function findEnd(handle: number): number {
  for (let from = 0; ;) {
    const { records, end } = readRecords(handle, from, defaultPartBytes)
    if (records.length === 0) return end
    from = end
  }
}

function* readParts(handle: number, from: number): Generator<readonly string[]> {
  for (let at = from; ;) {
    const { records, end } = readRecords(handle, at, defaultPartBytes)
    if (records.length === 0) return
    yield records
    at = end
  }
}

function readRecords(handle: number, from: number, maxBytes: number): JournalRead {
  const { size } = fstatSync(handle)
  let bytes = readBytes(handle, from, Math.min(size - from, maxBytes))
  // A record may be longer than the part.
  const firstBytes = bytes.length < headBytes ? 0 : headBytes + bytes.readUInt32LE(0)
  if (firstBytes > bytes.length && from + firstBytes <= size) bytes = readBytes(handle, from, firstBytes)
  const records: string[] = []
  let at = 0
  while (at + headBytes <= bytes.length) {
    const length = bytes.readUInt32LE(at)
    const start = at + headBytes
    // Zeros follow the last record where a crash left a file that had grown before its bytes were written.
    if (length === 0 || start + length > bytes.length) break
    if (crc32(bytes.subarray(start, start + length)) !== bytes.readUInt32LE(at + 4)) break
    records.push(bytes.toString('utf8', start, start + length))
    at = start + length
  }
  return { records, end: from + at, size }
}

function readBytes(handle: number, from: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(Math.max(0, length))
  let at = 0
  while (at < bytes.length) {
    const read = readSync(handle, bytes, at, bytes.length - at, from + at)
    if (read === 0) break
    at += read
  }
  return bytes.subarray(0, at)
}

/** The bytes are valid until the next call: one buffer serves all journals of the process. */
function encodeRecords(records: readonly string[]): Buffer {
  const sizes = records.map((text) => headBytes + Buffer.byteLength(text))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  if (total > scratch.length) scratch = Buffer.allocUnsafeSlow(total * 2)
  let at = 0
  for (const [index, text] of records.entries()) {
    const length = (sizes[index] ?? 0) - headBytes
    scratch.writeUInt32LE(length, at)
    scratch.write(text, at + headBytes, 'utf8')
    scratch.writeUInt32LE(crc32(scratch.subarray(at + headBytes, at + headBytes + length)), at + 4)
    at += headBytes + length
  }
  return scratch.subarray(0, total)
}

let scratch = Buffer.allocUnsafeSlow(64 * 1024)

const headBytes = 8

const defaultPartBytes = 1024 * 1024
