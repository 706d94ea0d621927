import { createCipheriv, createDecipheriv, createHash, createHmac, randomBytes } from 'node:crypto'

import { ApiError } from '../../errors.ts'
import type { Queries } from '../../store/database.ts'
import { readText } from '../../store/database.ts'

/** The time for which an answer is kept. */
const keptMs = 24 * 60 * 60 * 1_000

/** A request with the header `idempotency-key`. */
export interface RepeatableRequest {
  readonly actor: string
  readonly key: string
  /** Method, path with query, and body: a request with the same key must be equal in all. */
  readonly parts: readonly string[]
  readonly rootSecret: string
  readonly nowMs: number
}

/** Checks the header. Throws an ApiError for a key that is empty, too long, or not printable ASCII. */
export function checkIdempotencyKey(key: string): void {
  if (/^[\x20-\x7e]{1,255}$/.test(key)) return
  throw new ApiError('bad_request', 'idempotency-key: must have 1 to 255 printable ASCII characters')
}

/**
 * Runs `work` unless a request with the same key has done so within 24 hours; then its answer is returned again. Both
 * belong to the transaction of the change, so an answer is kept exactly if its change is. Throws an ApiError if the key
 * was used for a different request.
 */
export async function runOnce(
  queries: Queries,
  request: RepeatableRequest,
  work: () => Promise<object | null>,
): Promise<{ readonly answer: object | null; readonly isRepeated: boolean }> {
  const { nowMs, parts } = request
  const hash = digest(['key', request.actor, request.key])
  const requestHash = digest(parts)
  await queries.query('DELETE FROM idempotency_keys WHERE created_at_ms <= ?', [nowMs - keptMs])
  // In PostgreSQL a concurrent request waits here until the first one has ended.
  const inserted = await queries.query(
    `INSERT INTO idempotency_keys (hash, request_hash, created_at_ms, answer) VALUES (?, ?, ?, '')
     ON CONFLICT DO NOTHING RETURNING hash`,
    [hash, requestHash, nowMs],
  )
  if (inserted.length === 0) return { answer: await readAnswer(queries, request, hash), isRepeated: true }
  const answer = await work()
  await queries.query('UPDATE idempotency_keys SET answer = ? WHERE hash = ?', [
    encrypt(JSON.stringify(answer), request),
    hash,
  ])
  return { answer, isRepeated: false }
}

async function readAnswer(
  queries: Queries,
  request: RepeatableRequest,
  hash: string,
): Promise<object | null> {
  const [row] = await queries.query('SELECT request_hash, answer FROM idempotency_keys WHERE hash = ?', [
    hash,
  ])
  if (row === undefined) throw new ApiError('conflict', 'a request with this idempotency-key has just failed')
  if (readText(row, 'request_hash') !== digest(request.parts))
    throw new ApiError(
      'idempotency_mismatch',
      'this idempotency-key was used for a different request within the last 24 hours',
    )
  return decrypt(readText(row, 'answer'), request)
}

/** Lengths keep parts apart. */
function digest(parts: readonly string[]): string {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part)
  return hash.digest('hex')
}

/**
 * An answer may contain a new key. It is encrypted under the idempotency key, of which only a hash is stored, and the
 * root secret, so that the store alone does not reveal it.
 */
function encrypt(text: string, request: RepeatableRequest): string {
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', deriveKey(request), nonce)
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')
}

function decrypt(stored: string, request: RepeatableRequest): object | null {
  const bytes = Buffer.from(stored, 'base64url')
  const decipher = createDecipheriv('aes-256-gcm', deriveKey(request), bytes.subarray(0, nonceBytes))
  try {
    decipher.setAuthTag(bytes.subarray(nonceBytes, nonceBytes + tagBytes))
    const text = Buffer.concat([decipher.update(bytes.subarray(nonceBytes + tagBytes)), decipher.final()])
    return JSON.parse(text.toString()) as object | null // Encrypted by `encrypt`, which takes answers only.
  } catch {
    throw new ApiError('conflict', 'the answer to this idempotency-key was stored under another root secret')
  }
}

function deriveKey({ rootSecret, actor, key }: RepeatableRequest): Buffer {
  return createHmac('sha256', rootSecret)
    .update(`idempotency:${digest([actor, key])}`)
    .digest()
}

const nonceBytes = 12
const tagBytes = 16
