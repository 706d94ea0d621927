import { bold, dim, tint } from '../ansi-colors.ts'
import { wrapText } from '../table.ts'
import type { Row } from './check.ts'

interface Terminal {
  readonly color: boolean
  readonly columns: number
}

const marks = {
  passed: ['pass', 'green'],
  failed: ['FAIL', 'red'],
  skipped: ['skip', 'yellow'],
} as const satisfies Record<Row['result'], readonly [string, 'green' | 'red' | 'yellow']>

/** The lines of one row: a failure with what was sent and got, and the page that states the requirement. */
export function formatRow(row: Row, terminal: Terminal): readonly string[] {
  const [mark, color] = marks[row.result]
  const width = Math.max(24, terminal.columns - indent.length)
  const details =
    row.result === 'failed' ? [row.asks, `sent: ${row.sent}`, `got: ${row.got}`, row.source] : []
  return [
    `${tint(mark, color, terminal)}  ${row.id}`,
    ...wrapText(row.because, width).map((line) => (line === '' ? '' : `${indent}${line}`)),
    ...details.flatMap((text) => wrapText(text, width)).map((line) => dim(`${indent}${line}`, terminal)),
  ].filter((line) => line !== '')
}

const indent = '      '

/** The last line of a run. */
export function formatSummary(rows: readonly Row[], terminal: Terminal): string {
  const count = (result: Row['result']): number => rows.filter((row) => row.result === result).length
  const text = `${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`
  return bold(text, terminal)
}
