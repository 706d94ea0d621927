import type { EmulatorRequest } from '../../emulator.ts'
import type { Refusal } from '../../http/reply.ts'
import { parseMultipart } from './multipart.ts'
import type { Part } from './multipart.ts'

/** docs.claude.com, build-with-claude/files, Nov 2025. */
export const largestFileBytes = 500 * 1024 * 1024
/** The form around the file. */
const largestFormBytes = 1024 * 1024
export const largestUploadBytes = largestFileBytes + largestFormBytes

export type Upload =
  | {
      readonly ok: true
      readonly filename: string
      readonly mimeType: string
      readonly bytes: Uint8Array
      readonly expiresInSeconds: number | null
    }
  | { readonly ok: false; readonly refusal: Refusal }

/** Reads the form of an upload; `expires_in_seconds` came with general availability. */
export function readUpload(request: EmulatorRequest, { isGeneral }: { readonly isGeneral: boolean }): Upload {
  const { headers, body } = request
  const contentType = headers['content-type'] ?? ''
  if (body && body.length > largestUploadBytes) return refuse(413, 'Request exceeds the maximum size')
  const parts = parseMultipart(body ?? new Uint8Array(), contentType)
  if (!parts) return refuse(400, 'The request body is not valid multipart/form-data.')
  const file = parts.find(({ name }) => name === 'file')
  if (!file) return refuse(400, 'file: Field required')
  const stray = parts.find(({ name }) => name !== 'file' && !(isGeneral && name === lifetimeField))
  if (stray) return refuse(400, `${stray.name.slice(0, 100)}: Extra inputs are not permitted`)
  const mimeType = file.contentType ?? 'application/octet-stream'
  const filename = baseName(file.filename ?? '') || `unnamed${extensions[mimeType] ?? ''}`
  if (!isFilename(filename)) return refuse(400, badFilename)
  if (file.bytes.length > largestFileBytes) return refuse(413, 'File exceeds the maximum size of 500 MB')
  if (file.bytes.length === 0) return refuse(400, 'file: must not be empty')
  const lifetime = readLifetime(parts.find(({ name }) => name === lifetimeField))
  if (!lifetime.ok) return refuse(400, `${lifetimeField}: ${lifetime.message}`)
  return { ok: true, filename, mimeType, bytes: file.bytes, expiresInSeconds: lifetime.seconds }
}

/** SDK 1.12: from an hour to ninety days. */
const lifetimeField = 'expires_in_seconds'
const shortestSeconds = 3_600
const longestSeconds = 7_776_000

type Lifetime =
  | { readonly ok: true; readonly seconds: number | null }
  | { readonly ok: false; readonly message: string }

function readLifetime(part: Part | undefined): Lifetime {
  if (!part) return { ok: true, seconds: null }
  const text = new TextDecoder().decode(part.bytes.subarray(0, 32))
  if (!/^[+-]?\d{1,15}$/.test(text)) return { ok: false, message: 'Input should be a valid integer' }
  const seconds = Number(text)
  if (seconds < shortestSeconds)
    return { ok: false, message: `Input should be greater than or equal to ${shortestSeconds}` }
  if (seconds > longestSeconds)
    return { ok: false, message: `Input should be less than or equal to ${longestSeconds}` }
  return { ok: true, seconds }
}

/** Only the last component of a path is kept, and what has no name gets one (SDK 1.12). */
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
  // oxlint-disable-next-line no-control-regex -- control characters are what is refused
  return name.length <= 255 && !/[<>:"|?*\\/\u0000-\u001f\u007f]/.test(name)
}

function refuse(status: number, message: string): Upload {
  return { ok: false, refusal: { status, message } }
}
