import * as fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'

import { findFileIds, findHolders } from '../../src/resources/file-ids.ts'
import type { Resource } from '../../src/resources/resource.ts'
import { openLedger } from '../../src/ledger/ledger.ts'
import { defaultLimits } from '../../src/limits.ts'
import { temporaryFolder } from '../running-gateway.ts'

test.each([
  ['{"file_id":"file_1"}', ['file_1']],
  ['{"\\u0066ile_id":"file_1"}', ['file_1']],
  ['{"fil\\u0065_id":"file_1"}', ['file_1']],
  ['{"file\\u005Fid":"file_1"}', ['file_1']],
  ['{"\\u0066\\u0069\\u006C\\u0065\\u005f\\u0069\\u0064":"file_1"}', ['file_1']],
  ['{"x":"\\u00e9","file_i\\u0064" : "file_1","file_id":"file_2"}', ['file_1', 'file_2']],
  ['{"file_id":{"file_id":["no",{"file_id":"file_1"}]}}', ['file_1']],
  ['{"file_id":"file_1","b":[{"file_id":"file_1"}]}', ['file_1']],
  ['{"text":"caf\\u00e9 \\u0026 \\u003c \\u2028 \\ud83d\\ude00"}', []],
  ['{"text":"a file_id in words","profile_id":1,"y":"\\"file_id\\":\\"z\\""}', []],
  ['\\u00', []],
  ['', []],
])('finds the file ids of %s', (text, ids) => {
  expect(findFileIds(Buffer.from(text), 10)).toEqual(ids)
})

const strings = fc.constantFrom('file_1', '"', '\\', '\\"', '"file_id":"file_2"', 'é😀', '')
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    strings,
    fc.integer(),
    fc.array(tie('tree'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('file_id', 'x', 'xfile_id', '\\file_id', '"file_id'), tie('tree')),
  ),
}))

test('finds the file ids that JSON.parse finds, with any letter escaped and any whitespace', () => {
  fc.assert(
    fc.property(tree, fc.constantFrom('', ' ', '\n\t'), fc.nat({ max: 127 }), (value, indent, escaped) => {
      const escapeLetters = (name: string) =>
        Array.from(name, (letter, at) => ((escaped >> at) & 1 ? escapeLetter(letter) : letter)).join('')
      const text = JSON.stringify(value, null, indent).replaceAll('file_id', escapeLetters)
      const shown = new Set<unknown>()
      JSON.parse(text, (name, member: unknown) => {
        if (name === 'file_id' && typeof member === 'string') shown.add(member)
        return member
      })

      expect(new Set(findFileIds(Buffer.from(text), 1_000))).toEqual(shown)
    }),
    { numRuns: 500 },
  )
})

test.each([0, 9_999, 10_000, 10_001, 20_499])(
  "finds another key's file and its own after %i unknown ids",
  async (at) => {
    const { find } = await open()
    const ids = Array.from({ length: 20_500 }, (_, place) => `unknown_${place}`)

    await expect(find(ids.with(at, 'file_other'))).rejects.toMatchObject({
      code: 'unknown_resource',
      message: 'File not found: file_other',
    })
    await expect(find(ids.with(at, 'file_own'))).resolves.toEqual(new Set(['recorder']))
  },
)

test('asks once for all files of a body, each id once, and not for ids that cannot be ours', async () => {
  const { find, asked } = await open()

  await find(Array.from({ length: 3_500 }, (_, place) => (place < 1_500 ? 'file_own' : `unknown_${place}`)))
  await find(['x'.repeat(129), 'file_own'])

  expect(asked).toEqual([2_001, 1])
})

test('asks for very many files in slices, so that the ledger can write in between', async () => {
  const { find, asked } = await open()

  await find(Array.from({ length: 25_000 }, (_, place) => `unknown_${place}`))

  expect(asked).toEqual([10_000, 10_000, 5_000])
})

test('rejects a body with more file ids than the limit before the ledger is asked', async () => {
  const { find, asked } = await open()
  const ids = Array.from({ length: 1_400_000 }, (_, place) => `file_${place % 3}`)

  await expect(find(ids)).rejects.toMatchObject({
    code: 'bad_request',
    limit: 'fileIds',
    message: 'the body names more than 100000 files',
  })
  expect(asked).toEqual([])
})

async function open() {
  const ledger = await openLedger({ dataFolder: temporaryFolder() })
  onTestFinished(() => ledger.close())
  const resource = { kind: 'file', upstream: 'recorder', created_at_ms: 1, settled_at_ms: null } as const
  const owner = {
    workspace_id: 'default',
    member_id: null,
    labels: null,
    hold_nano_usd: null,
    process_id: null,
  }
  const facts: Omit<Resource, 'id' | 'key_id'> = { ...resource, ...owner, models: {}, betas: [] }
  await ledger.change({ kind: 'created', resource: { ...facts, id: 'file_own', key_id: 'key_1' } })
  await ledger.change({ kind: 'created', resource: { ...facts, id: 'file_other', key_id: 'key_2' } })
  const asked: number[] = []
  const query: typeof ledger.query = (asking) => {
    if (asking.kind === 'with_ids') asked.push(asking.ids.length)
    return ledger.query(asking)
  }
  const find = (ids: readonly string[]) => {
    const body = Buffer.from(JSON.stringify(ids.map((id) => ({ file_id: id }))))
    return findHolders({ ledger: { query }, limits: defaultLimits }, { id: 'key_1' }, body)
  }
  return { find, asked }
}

function escapeLetter(letter: string): string {
  return `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`
}
