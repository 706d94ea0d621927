import { open } from 'node:fs/promises'
import { resolve as resolvePath } from 'node:path'

import { CliError, UsageError } from '../command.ts'

/** An image as a content block of a Messages request. */
export interface ImageBlock {
  readonly type: 'image'
  readonly source: { readonly type: 'base64'; readonly media_type: string; readonly data: string }
}

/** A request body may have 32 MB, and base64 adds a third to the size of an image. */
const maxImageBytes = 20 * 1024 * 1024

/** The formats that the API accepts, detected by magic bytes instead of the file name. */
const kinds: readonly { readonly mediaType: string; readonly begins: RegExp }[] = [
  { mediaType: 'image/png', begins: /^\x89PNG\r\n/ },
  { mediaType: 'image/jpeg', begins: /^\xff\xd8\xff/ },
  { mediaType: 'image/gif', begins: /^GIF8[79]a/ },
  { mediaType: 'image/webp', begins: /^RIFF[^]{4}WEBP/ },
]

export async function readImage(path: string, cwd: string): Promise<ImageBlock> {
  const bytes = await readFile(path, cwd)
  const head = bytes.subarray(0, 16).toString('latin1')
  const kind = kinds.find(({ begins }) => begins.test(head))
  if (kind === undefined)
    throw new CliError(
      `${path} is not a PNG, JPEG, GIF or WebP image`,
      'Convert it to one of these formats, which the API accepts.',
    )
  const data = bytes.toString('base64')
  return { type: 'image', source: { type: 'base64', media_type: kind.mediaType, data } }
}

async function readFile(path: string, cwd: string): Promise<Buffer> {
  try {
    const file = await open(resolvePath(cwd, path))
    try {
      const { size } = await file.stat()
      if (size > maxImageBytes)
        throw new CliError(`the image ${path} has ${size} bytes, too many for a request`, 'Scale it down.')
      return await file.readFile()
    } finally {
      await file.close()
    }
  } catch (error) {
    if (error instanceof CliError) throw error
    throw new UsageError(
      `the image ${path} cannot be read: ${getReason(error)}`,
      'Give the path of an image.',
    )
  }
}

function getReason(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'ENOENT') return 'there is no such file'
  if (code === 'EISDIR') return 'it is a folder'
  if (code === 'EACCES') return 'this user may not read it'
  return error instanceof Error ? error.message : String(error)
}
