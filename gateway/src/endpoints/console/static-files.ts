import { createHash } from 'node:crypto'
import { readFile, readdir, stat } from 'node:fs/promises'
import { extname, join, relative, sep } from 'node:path'

import { ApiError } from '../../errors.ts'
import type { ClientExchange } from '../../http/client-exchange.ts'
import { sendBytes } from '../../http/respond.ts'

/** A file of the built console, with its form for clients that accept gzip. */
interface StaticFile {
  readonly bytes: Uint8Array
  readonly gzip: Uint8Array | null
  readonly contentType: string
  readonly etag: string
  readonly isHashed: boolean
}

/** The files of the built console in memory, by their path below the folder. */
export interface StaticFiles {
  find(path: string): Promise<StaticFile | undefined>
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
}

/**
 * Reads the folder when it is first used, and again after a new build. A request can only reach the files that were
 * found there, whatever its path contains.
 */
export function createStaticFiles(folder: string | undefined): StaticFiles {
  let files: ReadonlyMap<string, StaticFile> = new Map()
  let builtAtMs = -1
  return {
    async find(path) {
      const built = folder === undefined ? null : await stat(join(folder, 'index.html')).catch(() => null)
      if (folder === undefined || built === null) throw new ApiError('no_route', notBuilt)
      if (built.mtimeMs !== builtAtMs) {
        files = await readFolder(folder)
        builtAtMs = built.mtimeMs
      }
      return files.get(path)
    },
  }
}

const notBuilt = 'the console is not built; run npm run build in the clone, then reload this page'

async function readFolder(folder: string): Promise<ReadonlyMap<string, StaticFile>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
  const contents = new Map<string, Uint8Array>()
  for (const name of names) contents.set(name, await readFile(join(folder, name)))
  return new Map(
    [...contents]
      .filter(([name]) => contentTypes[extname(name)] !== undefined)
      .map(([name, bytes]) => [
        name,
        {
          bytes,
          gzip: contents.get(`${name}.gz`) ?? null,
          contentType: contentTypes[extname(name)] ?? '',
          etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
          isHashed: name.startsWith('assets/'),
        },
      ]),
  )
}

/** Sends a file of the console, or 304 if the client has it. */
export function sendStaticFile({ id, request, response }: ClientExchange, file: StaticFile): void {
  const headers = {
    ...securityHeaders,
    'request-id': id,
    'content-type': file.contentType,
    'cache-control': file.isHashed ? 'public, max-age=31536000, immutable' : 'no-cache',
    etag: file.etag,
    vary: 'accept-encoding',
  }
  if (request.headers['if-none-match'] === file.etag) {
    response.writeHead(304, headers)
    response.end()
    return
  }
  const acceptsGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
  const body = acceptsGzip ? file.gzip : null
  const all = body === null ? headers : { ...headers, 'content-encoding': 'gzip' }
  if (request.method === 'HEAD') {
    response.writeHead(200, { ...all, 'content-length': (body ?? file.bytes).byteLength })
    response.end()
    return
  }
  sendBytes(response, 200, all, body ?? file.bytes)
}

/**
 * Every script, style and font comes from this server, and no page may frame the console. `data:` and `blob:` images are
 * pictures that the user has chosen for the playground.
 */
export const securityHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "font-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
}
