import { bodyTooLargeText } from '@anthology/catalog'
import { noExtraInputs } from '@anthology/wire'

import type { EmulatorRequest } from '../../request.ts'
import type { ApiError } from '../../http/reply.ts'
import { parseMultipart } from './multipart.ts'
import type { Part } from './multipart.ts'

/** docs.claude.com, build-with-claude/files, Nov 2025. */
export const maxFileBytes = 500 * 1024 * 1024
/** The allowance for the form around the file. */
const maxFormBytes = 1024 * 1024
export const maxUploadBytes = maxFileBytes + maxFormBytes

export type Upload =
  | {
      readonly ok: true
      readonly filename: string
      readonly mimeType: string
      readonly bytes: Uint8Array
      readonly expiresInSeconds: number | null
    }
  | { readonly ok: false; readonly error: ApiError }

/** Reads the form of an upload; `expires_in_seconds` exists since general availability. */
export function readUpload(request: EmulatorRequest, { isGeneral }: { readonly isGeneral: boolean }): Upload {
  const { headers, body } = request
  const contentType = headers['content-type'] ?? ''
  if (body && body.length > maxUploadBytes) return reject(413, bodyTooLargeText)
  const parts = parseMultipart(body ?? new Uint8Array(), contentType)
  if (!parts) return reject(400, 'The request body is not valid multipart/form-data.')
  const file = parts.find(({ name }) => name === 'file')
  if (!file) return reject(400, 'file: Field required')
  const stray = parts.find(({ name }) => name !== 'file' && !(isGeneral && name === lifetimeField))
  if (stray) return reject(400, `${stray.name.slice(0, 100)}: ${noExtraInputs}`)
  const mimeType = file.contentType ?? 'application/octet-stream'
  const filename = baseName(file.filename ?? '') || `unnamed${extensions[mimeType] ?? ''}`
  if (!isFilename(filename)) return reject(400, badFilename)
  if (file.bytes.length > maxFileBytes) return reject(413, 'File exceeds the maximum size of 500 MB')
  if (file.bytes.length === 0) return reject(400, 'file: must not be empty')
  const lifetime = readLifetime(parts.find(({ name }) => name === lifetimeField))
  if (!lifetime.ok) return reject(400, `${lifetimeField}: ${lifetime.message}`)
  return { ok: true, filename, mimeType, bytes: file.bytes, expiresInSeconds: lifetime.seconds }
}

/** SDK 1.12: from an hour to ninety days. */
const lifetimeField = 'expires_in_seconds'
const minSeconds = 3_600
const maxSeconds = 7_776_000

type Lifetime =
  | { readonly ok: true; readonly seconds: number | null }
  | { readonly ok: false; readonly message: string }

function readLifetime(part: Part | undefined): Lifetime {
  if (!part) return { ok: true, seconds: null }
  const text = new TextDecoder().decode(part.bytes.subarray(0, 32))
  if (!/^[+-]?\d{1,15}$/.test(text)) return { ok: false, message: 'Input should be a valid integer' }
  const seconds = Number(text)
  if (seconds < minSeconds)
    return { ok: false, message: `Input should be greater than or equal to ${minSeconds}` }
  if (seconds > maxSeconds)
    return { ok: false, message: `Input should be less than or equal to ${maxSeconds}` }
  return { ok: true, seconds }
}

/** Keeps only the last component of a path; a file without a name gets one (SDK 1.12). */
function baseName(name: string): string {
  return name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
}

const extensions: Readonly<Record<string, string>> = {
  'application/pdf': '.pdf',
  'text/plain': '.txt',
  'image/jpeg': '.jpg',
  'image/png': '.png',
  'image/gif': '.gif',
  'image/webp': '.webp',
}

/** The rule is published, its text is not. */
const badFilename = 'file: the filename must have 1-255 characters and none of < > : " | ? * \\ /'

function isFilename(name: string): boolean {
  // oxlint-disable-next-line no-control-regex -- control characters are rejected
  return name.length <= 255 && !/[<>:"|?*\\/\u0000-\u001f\u007f]/.test(name)
}

function reject(status: number, message: string): Upload {
  return { ok: false, error: { status, message } }
}
