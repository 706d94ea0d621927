import { execFileSync } from 'node:child_process'
import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { openJournal, readJournal } from '../../src/store/journal.ts'
import { temporaryFolder } from '../running-gateway.ts'

test('reads what was appended, and continues after a torn or changed end at every byte', () => {
  const folder = temporaryFolder()
  const records = fc.array(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { maxLength: 4 })
  fc.assert(
    fc.property(records, fc.nat(), fc.boolean(), (written, place, cuts) => {
      const path = join(folder, `${place}-${String(cuts)}-${written.length}.journal`)
      writeFileSync(path, '')
      append(path, written)
      const bytes = readFileSync(path)
      const at = bytes.length === 0 ? 0 : place % bytes.length
      const damaged = cuts ? bytes.subarray(0, at) : Buffer.from(bytes)
      if (!cuts && bytes.length > 0) damaged[at] = (damaged[at] ?? 0) ^ 0x20
      writeFileSync(path, damaged)

      const read = [...readJournal(path)]
      append(path, ['next'])

      expect(read).toEqual(bytes.length === 0 ? [] : findIntact(written, at))
      expect([...readJournal(path)]).toEqual([...read, 'next'])
    }),
    { numRuns: 300 },
  )
})

test('ends at zeros, which a crash can leave behind the last record', () => {
  const path = join(temporaryFolder(), 'zeros.journal')
  append(path, ['one'])
  writeFileSync(path, Buffer.concat([readFileSync(path), Buffer.alloc(4_096)]))

  expect([...readJournal(path)]).toEqual(['one'])
})

test('is readable by its owner only, and does not follow a link', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'own.journal')
  append(path, ['one'])
  symlinkSync(path, join(folder, 'link.journal'))

  expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(() => openJournal(join(folder, 'link.journal'))).toThrow('ELOOP')
})

test('is as it was before after a write that the disk had no room for', () => {
  const path = join(temporaryFolder(), 'full.journal')
  append(path, ['one'])
  const script = `
    import { openJournal } from ${JSON.stringify(new URL('../../src/store/journal.ts', import.meta.url).href)}
    const journal = openJournal(${JSON.stringify(path)})
    try { journal.append(['two', 'x'.repeat(100_000)]) } catch (error) { process.stdout.write(error.code) }
    journal.append(['three'])`

  // The limit of a file's size is in blocks of 512 bytes, or of 1,024 in some shells.
  const code = execFileSync('sh', [
    '-c',
    'ulimit -f 20; exec "$0" --input-type=module -e "$1"',
    process.execPath,
    script,
  ])

  expect(code.toString()).toBe('EFBIG')
  expect([...readJournal(path)]).toEqual(['one', 'three'])
})

function append(path: string, records: readonly string[]): void {
  const journal = openJournal(path)
  journal.append(records)
  journal.close()
}

/** The records that end before byte `at`, each with its head of 8 bytes. */
function findIntact(records: readonly string[], at: number): readonly string[] {
  let end = 0
  return records.filter((text) => (end += 8 + Buffer.byteLength(text)) <= at)
}
