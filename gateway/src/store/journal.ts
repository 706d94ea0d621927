import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs'
import { crc32 } from 'node:zlib'

// An append-only file of records: the length of the record's bytes and their CRC-32, both 32 bits little-endian, then
// the record as UTF-8. The first record that is cut off or fails its checksum ends the file.

export interface Journal {
  /** Returns when the records are on the disk. After an error the file is as it was before. */
  append(records: readonly string[]): void
  close(): void
}

/** Opens a journal for its owner only, creates it if it is missing, and cuts off a torn record at its end. */
export function openJournal(path: string): Journal {
  const { O_RDWR, O_CREAT, O_NOFOLLOW } = constants
  // In a folder of several users a link could point anywhere. Windows has neither the links nor the flag.
  const handle = openSync(path, O_RDWR | O_CREAT | (O_NOFOLLOW ?? 0), 0o600)
  let end = findEnd(handle)
  ftruncateSync(handle, end)

  return {
    append(records) {
      const bytes = Buffer.concat(records.map(encodeRecord))
      try {
        for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at, undefined, end + at)
        fsyncSync(handle)
        end += bytes.length
      } catch (error) {
        ftruncateSync(handle, end)
        throw error
      }
    },
    close: () => closeSync(handle),
  }
}

/** Reads the records one by one, up to a torn one. */
export function* readJournal(path: string): Generator<string> {
  const handle = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  try {
    for (const { text } of readRecords(handle)) yield text
  } finally {
    closeSync(handle)
  }
}

function encodeRecord(text: string): Buffer {
  const payload = Buffer.from(text)
  const head = Buffer.alloc(headBytes)
  head.writeUInt32LE(payload.length, 0)
  head.writeUInt32LE(crc32(payload), 4)
  return Buffer.concat([head, payload])
}

function findEnd(handle: number): number {
  let last = 0
  for (const { end } of readRecords(handle)) last = end
  return last
}

function* readRecords(handle: number): Generator<{ readonly text: string; readonly end: number }> {
  const { size } = fstatSync(handle)
  const head = Buffer.alloc(headBytes)
  for (let at = 0; at + headBytes <= size;) {
    readSync(handle, head, 0, headBytes, at)
    const start = at + headBytes
    const length = head.readUInt32LE(0)
    // Zeros follow the last record where a crash left a file that had grown before its bytes were written.
    if (length === 0 || start + length > size) return
    const payload = Buffer.alloc(length)
    readSync(handle, payload, 0, length, start)
    if (crc32(payload) !== head.readUInt32LE(4)) return
    at = start + length
    yield { text: payload.toString(), end: at }
  }
}

const headBytes = 8
