import { constants } from 'node:fs'
import { mkdir, open, readdir, rm } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { readRequestTime } from '../http/request-id.ts'
import { decodeHead, decodePayload, findCall, headBytes, idBytes } from './body-block.ts'
import type { CallBodies } from './body-block.ts'

// A segment has the blocks of one process for the calls that began in one hour (UTC), so the id of a call leads to it.

const hourMs = 3_600_000

/** The time after the last call of the segment in which a call belongs. */
export function getHourEnd(callId: string): number {
  return (Math.floor((readRequestTime(callId) ?? 0) / hourMs) + 1) * hourMs
}

/** `source`: a text that no other process has. */
export function nameSegment(folder: string, callId: string, source: string): string {
  return join(folder, `${printHour(callId)}-${source}.bodies`)
}

function printHour(callId: string): string {
  return new Date(getHourEnd(callId) - hourMs).toISOString().slice(0, hourLetters)
}

const hourLetters = '2026-01-31T23'.length

export async function createFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
}

/**
 * Appends bytes to a segment, which only its owner can read. A write that fails, as on a full disk, leaves nothing of
 * them; `onDamaged` is called if a part may be left, because a segment is read up to it.
 */
export async function appendToSegment(
  path: string,
  parts: readonly Uint8Array[],
  onDamaged: () => void,
): Promise<void> {
  const file = await openToAppend(path)
  try {
    const { size } = await file.stat()
    try {
      await file.appendFile(Buffer.concat(parts))
    } catch (error) {
      await file.truncate(size).catch(onDamaged)
      throw error
    }
  } finally {
    await file.close()
  }
}

/** Whoever removes the folder removes the records, and the next ones are stored. */
async function openToAppend(path: string): Promise<FileHandle> {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants
  // In a folder of several users a link could point anywhere. Windows has neither the links nor the flag.
  const flags = O_WRONLY | O_APPEND | O_CREAT | (O_NOFOLLOW ?? 0)
  try {
    return await open(path, flags, 0o600)
  } catch (error) {
    if (!isMissing(error)) throw error
    await createFolder(dirname(path))
    return open(path, flags, 0o600)
  }
}

/** Removes the segments whose calls all began before a time. Other files of the folder stay. */
export async function removeSegments(folder: string, beforeMs: number): Promise<void> {
  const old = (await listNames(folder)).filter((name) => {
    const hour = /^(\d{4}-\d\d-\d\dT\d\d)-\w+\.bodies$/.exec(name)?.[1]
    return hour !== undefined && Date.parse(`${hour}:00:00Z`) + hourMs <= beforeMs
  })
  // One that cannot be removed keeps none of the others.
  const removed = await Promise.allSettled(old.map((name) => rm(join(folder, name), { force: true })))
  for (const one of removed) if (one.status === 'rejected') throw one.reason
}

/** Finds the bodies of a call in the segments of all processes; null: none has it. */
export async function findBodies(folder: string, callId: string): Promise<CallBodies | null> {
  const prefix = `${printHour(callId)}-`
  const errors: unknown[] = []
  for (const name of await listNames(folder)) {
    if (!name.startsWith(prefix) || !name.endsWith('.bodies')) continue
    try {
      const found = await findInSegment(join(folder, name), callId)
      if (found !== null) return found
    } catch (error) {
      // Another segment may have the call, and this one may be of another user.
      errors.push(error)
    }
  }
  if (errors.length > 0) throw errors[0]
  return null
}

async function listNames(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** A file may be removed between the list and its opening. */
async function findInSegment(path: string, callId: string): Promise<CallBodies | null> {
  let file: FileHandle
  try {
    file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0))
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
  try {
    return await scan(file, callId)
  } finally {
    await file.close()
  }
}

/** Goes from head to head, without the payloads between them. Ends at a block that a crash has cut off. */
async function scan(file: FileHandle, callId: string): Promise<CallBodies | null> {
  const { size } = await file.stat()
  const read = createWindow(file, size)
  for (let at = 0; ;) {
    const headed = await read(at, headBytes)
    const head = headed && decodeHead(headed)
    const ids = head && (await read(at + headBytes, head.calls * idBytes))
    if (head === null || ids === null) return null
    const start = at + headBytes + ids.length
    const index = findCall(ids, callId)
    if (index >= 0) {
      const payload = await read(start, head.payloadBytes)
      return payload && decodePayload(payload, index)
    }
    at = start + head.payloadBytes
  }
}

/** Reads bytes, ahead where they are few; null if the file ends before. They are valid until the next call. */
function createWindow(file: FileHandle, size: number) {
  const window = Buffer.allocUnsafe(windowBytes)
  let from = 0
  let filled = 0
  return async (at: number, length: number): Promise<Buffer | null> => {
    if (at + length > size) return null
    if (at < from || at + length > from + filled) {
      if (length > windowBytes) {
        const bytes = Buffer.allocUnsafe(length)
        return (await readFully(file, bytes, at)) < length ? null : bytes
      }
      filled = await readFully(file, window, at)
      from = at
      if (filled < length) return null
    }
    return window.subarray(at - from, at - from + length)
  }
}

const windowBytes = 64 * 1024

async function readFully(file: FileHandle, target: Buffer, position: number): Promise<number> {
  let filled = 0
  while (filled < target.length) {
    const { bytesRead } = await file.read(target, filled, target.length - filled, position + filled)
    if (bytesRead === 0) break
    filled += bytesRead
  }
  return filled
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
