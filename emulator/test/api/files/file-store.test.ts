import { expect, test } from 'vitest'

import { createFileStore, maxFiles } from '../../../src/api/files/file-store.ts'
import type { StoredFile } from '../../../src/api/files/file-store.ts'

test('a full store removes only expired files', () => {
  const files = createFileStore()
  for (let index = 0; index < maxFiles; index += 1)
    files.add(listFileIds({ id: `file_${index}`, expiresMs: index === 7 ? 1_000 : null }))

  expect(files.add(listFileIds({ id: 'early', createdMs: 999 }))).toBe(false)
  expect(files.find('file_7', null)).not.toBeNull()
  expect(files.add(listFileIds({ id: 'later', createdMs: 1_000 }))).toBe(true)
  expect(files.find('file_7', null)).toBeNull()
  expect(files.add(listFileIds({ id: 'too many', createdMs: 2_000 }))).toBe(false)
  expect(files.list(null)).toHaveLength(maxFiles)
})

function listFileIds(file: Partial<StoredFile>): StoredFile {
  return {
    id: 'file',
    key: null,
    filename: 'a.txt',
    mimeType: 'text/plain',
    createdMs: 0,
    expiresMs: null,
    downloadable: false,
    bytes: new Uint8Array(1),
    ...file,
  }
}
