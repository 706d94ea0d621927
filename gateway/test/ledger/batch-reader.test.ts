import { expect, test } from 'vitest'

import { createBatchReader, encodeColumns } from '../../src/ledger/batch-reader.ts'
import { callColumns, encodeBatch, startColumns } from '../../src/ledger/row-codec.ts'
import { callEnd, callStart } from './call-rows.ts'

const record = encodeBatch([], [{ start: callStart(), end: callEnd({ details: '{"blocks":{}}' }) }], [])

test('a journal of this version is read with its details', () => {
  const [call] = createBatchReader(encodeColumns())(record).calls

  expect(call?.at(-1)).toBe('{"blocks":{}}')
})

test('a journal of a version without details is read, and its other values stay', () => {
  const older = { starts: startColumns, calls: callColumns.filter((name) => name !== 'details') }
  const { calls, ...rest } = JSON.parse(record) as { readonly calls: readonly unknown[][] } // Written above.
  const written = JSON.stringify({ ...rest, calls: calls.map((values) => values.slice(0, -1)) })

  const [call] = createBatchReader(JSON.stringify(older))(written).calls

  expect(call).toEqual([...(calls[0] ?? []).slice(0, -1), null])
})
