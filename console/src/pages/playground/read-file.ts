import type { Block } from './draft.ts'

/** The types that the Messages API accepts inline. */
const mediaTypes = ['image/png', 'image/jpeg', 'image/gif', 'image/webp', 'application/pdf']

const maxFileBytes = 20 * 1024 * 1024

interface ReadFiles {
  readonly blocks: readonly Block[]
  /** The names of files that no request can contain. */
  readonly refused: readonly string[]
}

/** Reads files into blocks of a message. */
export async function readFileBlocks(files: Iterable<File>): Promise<ReadFiles> {
  const blocks: Block[] = []
  const refused: string[] = []
  for (const file of files) {
    if (!mediaTypes.includes(file.type) || file.size > maxFileBytes) refused.push(file.name)
    else blocks.push({ kind: 'file', name: file.name, mediaType: file.type, data: await readBase64(file) })
  }
  return { blocks, refused }
}

function readBase64(file: File): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const reader = new FileReader()
  reader.addEventListener('load', () => {
    const { result } = reader
    if (typeof result === 'string') resolve(result.replace(/^data:[^,]*,/, ''))
  })
  reader.addEventListener('error', () => reject(new Error(`${file.name} cannot be read`)))
  reader.readAsDataURL(file)
  return promise
}
