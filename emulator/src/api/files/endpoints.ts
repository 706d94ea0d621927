import { betaStateOn, findBeta } from '@anthology/catalog'
import { pageFiles, pageModels, readBetas } from '@anthology/wire'

import { createHeaders, jsonReply, errorReply } from '../../http/reply.ts'
import type { ApiError, Reply } from '../../http/reply.ts'
import type { Call } from '../../call.ts'
import type { Settings } from '../../options/settings.ts'
import { isExpired } from './file-store.ts'
import type { StoredFile } from './file-store.ts'
import { readUpload } from './upload.ts'

/**
 * The Files API (docs.claude.com, build-with-claude/files, Nov 2025). It was a beta until 2026-08-19; since then the
 * beta header selects the response shapes of the beta.
 */
export function uploadFile(call: Call, settings: Settings): Reply {
  const shape = findShape(call, settings)
  if (shape === 'closed') return reject(call, closed)
  const upload = readUpload(call.request, { isGeneral: shape === 'general' })
  if (!upload.ok) return reject(call, upload.error)
  const createdMs = settings.now()
  const { filename, mimeType, bytes, expiresInSeconds } = upload
  const file: StoredFile = {
    id: settings.ids.nextFileId(),
    key: call.key,
    filename,
    mimeType,
    createdMs,
    expiresMs: expiresInSeconds === null ? null : createdMs + expiresInSeconds * 1_000,
    downloadable: false,
    // A copy, because the parts of a form are views that would retain the whole body.
    bytes: bytes.slice(),
  }
  if (settings.files.add(file)) return jsonReply(describe(file, shape), call.head)
  return reject(call, shape === 'general' ? fullSince2026 : fullIn2025)
}

export function listFiles(call: Call, settings: Settings): Reply {
  const shape = findShape(call, settings)
  if (shape === 'closed') return reject(call, closed)
  const { query, key, head } = call
  const files = settings.files.list(key).filter((file) => !isExpired(file, settings.now()))
  if (shape === 'general') {
    const paged = pageFiles(files, query)
    if (!paged.ok) return reject(call, { status: 400, message: paged.message })
    return jsonReply({ ...paged.page, data: paged.page.data.map((file) => describe(file, shape)) }, head)
  }
  const paged = pageModels(
    files,
    {
      limit: query.get('limit') ?? undefined,
      after_id: query.get('after_id') ?? undefined,
      before_id: query.get('before_id') ?? undefined,
    },
    'file',
  )
  if (!paged.ok) return reject(call, { status: 400, message: paged.message })
  return jsonReply({ ...paged.page, data: paged.page.data.map((file) => describe(file, shape)) }, head)
}

export function retrieveFile(call: Call, settings: Settings): Reply {
  return withFile(call, settings, (file, shape) => jsonReply(describe(file, shape), call.head))
}

export function deleteFile(call: Call, settings: Settings): Reply {
  return withFile(call, settings, (file) => {
    settings.files.remove(file)
    return jsonReply({ id: file.id, type: 'file_deleted' }, call.head)
  })
}

/** Returns the bytes of a file that a tool created; uploaded files cannot be downloaded. */
export function downloadFile(call: Call, settings: Settings): Reply {
  return withFile(call, settings, (file, shape) => {
    if (!file.downloadable) return reject(call, notDownloadable(file, shape))
    if (isExpired(file, settings.now())) return reject(call, expired(file))
    const { bytes, filename, mimeType } = file
    const headers = {
      ...createHeaders(call.head, mimeType, bytes.length),
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(filename)}`,
    }
    return { status: 200, headers, frames: [{ bytes, tokens: 0 }].values() }
  })
}

type Shape = 'beta' | 'general'

function withFile(call: Call, settings: Settings, use: (file: StoredFile, shape: Shape) => Reply): Reply {
  const shape = findShape(call, settings)
  if (shape === 'closed') return reject(call, closed)
  const file = settings.files.find(call.name, call.key)
  if (file) return use(file, shape)
  return reject(call, { status: 404, message: `File not found: ${call.name.slice(0, 256)}` })
}

const betaName = 'files-api-2025-04-14'

function findShape({ request: { headers } }: Call, { servedModels }: Settings): Shape | 'closed' {
  if (readBetas(headers['anthropic-beta']).includes(betaName)) return 'beta'
  const beta = findBeta(betaName)
  return beta && betaStateOn(beta, servedModels.asOf()) === 'idle' ? 'general' : 'closed'
}

interface FileObject {
  readonly id: string
  readonly type: 'file'
  readonly filename: string
  readonly mime_type: string
  readonly size_bytes: number
  readonly created_at: string
  readonly downloadable: boolean
  readonly expires_at?: string | null
}

function describe(file: StoredFile, shape: Shape): FileObject {
  const { id, filename, mimeType, bytes, createdMs, expiresMs, downloadable } = file
  return {
    id,
    type: 'file',
    filename,
    mime_type: mimeType,
    size_bytes: bytes.length,
    created_at: formatIso(createdMs),
    downloadable,
    ...(shape === 'general' && { expires_at: expiresMs === null ? null : formatIso(expiresMs) }),
  }
}

function formatIso(ms: number): string {
  return new Date(ms).toISOString()
}

/** The status for a full store changed with general availability; only the codes of these errors are published. */
const fullSince2026: ApiError = {
  status: 400,
  message: 'Storage quota exceeded. Delete files to free up space.',
  errorCode: 'storage_quota_exceeded',
}
const fullIn2025: ApiError = {
  status: 403,
  message: 'Storage quota exceeded. Delete files to free up space.',
}
const closed: ApiError = {
  status: 400,
  message: `This API is in beta and requires the header \`anthropic-beta: ${betaName}\``,
}

function notDownloadable({ id }: StoredFile, shape: Shape): ApiError {
  const error = { status: 400, message: `File ${id} is not downloadable` }
  return shape === 'general' ? { ...error, errorCode: 'file_not_downloadable' } : error
}

function expired({ id }: StoredFile): ApiError {
  return { status: 404, message: `File ${id} has expired`, errorCode: 'file_expired' }
}

function reject({ head }: Call, error: ApiError): Reply {
  return errorReply(error, head)
}
