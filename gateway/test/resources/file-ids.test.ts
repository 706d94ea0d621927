import { expect, onTestFinished, test } from 'vitest'

import { accountsForFiles, mayNameFiles } from '../../src/resources/file-ids.ts'
import type { Resource } from '../../src/resources/resource.ts'
import { openLedger } from '../../src/ledger/ledger.ts'
import { defaultLimits } from '../../src/limits.ts'
import { httpAccount, temporaryFolder } from '../running-gateway.ts'

test.each([
  ['{"file_id":"file_1"}', true],
  ['{"\\u0066ile_id":"file_1"}', true],
  ['{"fil\\u0065_id":"file_1"}', true],
  ['{"file\\u005Fid":"file_1"}', true],
  ['{"fi\\u006Ce_id":"file_1"}', true],
  ['{"file_i\\u0064":"file_1"}', true],
  ['{"f\\u0069le_id":"file_1"}', true],
  ['{"text":"caf\\u00e9 \\u0026 \\u003c \\u2028 \\ud83d\\ude00"}', false],
  ['{"text":"a file_id in words","profile_id":1}', false],
  ['\\u00', false],
  ['', false],
])('may name files in %j: %s', (text, closer) => {
  expect(mayNameFiles(Buffer.from(text))).toBe(closer)
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
    await expect(find(ids.with(at, 'file_own'))).resolves.toMatchObject([{ name: 'recorder' }])
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
  const ids = Array.from({ length: 1_400_000 }, (_, place) => `file_${place}`)

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
  const facts: Omit<Resource, 'id' | 'key_id'> = { ...resource, models: {}, betas: [] }
  await ledger.change({ kind: 'created', resource: { ...facts, id: 'file_own', key_id: 'key_1' } })
  await ledger.change({ kind: 'created', resource: { ...facts, id: 'file_other', key_id: 'key_2' } })
  const asked: number[] = []
  const query: typeof ledger.query = (asking) => {
    if (asking.kind === 'with_ids') asked.push(asking.ids.length)
    return ledger.query(asking)
  }
  const accounts = [
    httpAccount('http://127.0.0.1:1'),
    { ...httpAccount('http://127.0.0.1:2'), name: 'other' },
  ]
  for (const account of accounts) onTestFinished(() => account.close?.())
  const find = (ids: readonly string[]) => {
    const body = Buffer.from(JSON.stringify(ids.map((id) => ({ file_id: id }))))
    return accountsForFiles({ accounts, ledger: { query }, limits: defaultLimits }, { id: 'key_1' }, body)
  }
  return { find, asked }
}
