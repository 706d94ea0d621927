import { components } from './call-row.ts'
import { callColumns, decodeBatch, startColumns } from './row-codec.ts'
import type { ColumnValue, RowBatch } from './row-codec.ts'

// The first record of a journal names the columns of its rows, so that another version of Anthology, with other
// columns, can read it.

interface Columns {
  readonly starts: readonly string[]
  readonly calls: readonly string[]
}

/** The first record of a journal. */
export function encodeColumns(): string {
  const columns: Columns = { starts: startColumns, calls: callColumns }
  return JSON.stringify(columns)
}

/** Reads the records of one journal behind its first one. */
export type ReadBatch = (record: string) => RowBatch

/** `columns`: the first record of the journal. */
export function createBatchReader(columns: string): ReadBatch {
  if (columns === encodeColumns()) return decodeBatch
  const { starts, calls } = JSON.parse(columns) as Columns // Written by `encodeColumns`, perhaps of another version.
  const alignStart = align(startColumns, starts)
  const alignCall = align(callColumns, calls)
  const findLines = createLineReader(calls)
  return (record) => {
    const batch = decodeBatch(record)
    return {
      ...batch,
      starts: batch.starts.map(alignStart),
      calls: batch.calls.map((values) => alignCall(values).with(linesAt, findLines(values))),
      rejections: batch.rejections ?? [],
    }
  }
}

const linesAt = callColumns.indexOf('lines')

function align(wanted: readonly string[], given: readonly string[]) {
  const places = wanted.map((name) => given.indexOf(name))
  return (values: readonly ColumnValue[]): readonly ColumnValue[] => places.map((at) => values[at] ?? null)
}

/** Emergency files, the journals of earlier versions, have three columns for each component. */
function createLineReader(columns: readonly string[]): (values: readonly ColumnValue[]) => ColumnValue {
  const at = columns.indexOf('lines')
  if (at >= 0) return (values) => values[at] ?? null
  const places = components.map((name) => ({ name, first: columns.indexOf(`${name}_quantity`) }))
  return (values) => {
    const members = places.flatMap(({ name, first }) => {
      const line = first < 0 ? [] : values.slice(first, first + 3)
      return (line[0] ?? null) === null
        ? []
        : [`"${name}":[${line.map((value) => value ?? 'null').join(',')}]`]
    })
    return members.length === 0 ? null : `{${members.join(',')}}`
  }
}
