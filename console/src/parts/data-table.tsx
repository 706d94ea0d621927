import { useState } from 'react'
import type { ReactNode } from 'react'

import { shellTexts } from '../texts/shell.ts'
import { useRowKeys } from './row-keys.ts'
import { useHasMore } from './use-has-more.ts'

export interface Column<Row> {
  /** Default: the title, which then differs from that of every other column. */
  readonly id?: string
  readonly title: string
  readonly cell: (row: Row) => ReactNode
  /** Right-aligned, with digits of one width. */
  readonly isNumber?: boolean
  /** The cell that names the row. */
  readonly isHeading?: boolean
  /** The cell of buttons, which stays at the right edge of a wide window. */
  readonly isActions?: boolean
  readonly foot?: ReactNode
}

interface DataTableProps<Row> {
  /** Describes the table to a screen reader. */
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly getId: (row: Row) => string
  /** The id of the row that is open beside the table. */
  readonly openId?: string | undefined
  /** With it, J and K move between rows and Enter opens one. */
  readonly onOpen?: (row: Row) => void
}

/** Rows that are drawn at once; a browser is slow with more. */
const maxRows = 350

/** A table of one page of rows. The server sorts and pages. Of a long page the rest is drawn on demand. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { rows, ...rest } = props
  const [shown, setShown] = useState(maxRows)
  if (rows.length <= shown) return <TableOf {...props} />
  return (
    <div className="stack">
      <TableOf {...rest} rows={rows.slice(0, shown)} />
      <button type="button" className="button" onClick={() => setShown(shown + maxRows)}>
        {shellTexts.moreRows(rows.length - shown)}
      </button>
    </div>
  )
}

function TableOf<Row>(props: DataTableProps<Row>) {
  const { caption, columns, rows, getId, openId, onOpen } = props
  const keys = useRowKeys(rows.length, onOpen === undefined ? undefined : (at) => openRow(rows[at], onOpen))
  const hasFoot = columns.some(({ foot }) => foot !== undefined)
  const decimals = columns.map((column) => countDecimals(column, rows))
  const [frame, hasMore] = useHasMore<HTMLDivElement>()
  return (
    <div
      ref={frame}
      className={hasMore ? 'table-frame has-more' : 'table-frame'}
      tabIndex={0}
      role="region"
      aria-label={caption}
    >
      <table className="table">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.id ?? column.title} scope="col" className={getClass(column)}>
                {column.title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr
              key={getId(row)}
              ref={keys.getRowRef(index)}
              className={getId(row) === openId ? 'open-row' : undefined}
            >
              {columns.map((column, at) => (
                <Cell
                  key={column.id ?? column.title}
                  column={column}
                  row={row}
                  decimals={decimals[at] ?? 0}
                />
              ))}
            </tr>
          ))}
        </tbody>
        {hasFoot && (
          <tfoot>
            <tr>
              {columns.map((column, at) => (
                <td
                  key={column.id ?? column.title}
                  className={getClass(column)}
                  data-pad={pad(column.foot, decimals[at] ?? 0)}
                >
                  {column.foot}
                </td>
              ))}
            </tr>
          </tfoot>
        )}
      </table>
    </div>
  )
}

function openRow<Row>(row: Row | undefined, onOpen: (row: Row) => void): void {
  if (row !== undefined) onOpen(row)
}

interface CellProps<Row> {
  readonly column: Column<Row>
  readonly row: Row
  readonly decimals: number
}

function Cell<Row>({ column, row, decimals }: CellProps<Row>) {
  const content = column.cell(row)
  const className = getClass(column)
  return column.isHeading === true ? (
    <th scope="row" className={className}>
      {content}
    </th>
  ) : (
    <td className={className} data-pad={pad(content, decimals)}>
      {content}
    </td>
  )
}

function getClass<Row>({ isNumber, isHeading, isActions }: Column<Row>): string | undefined {
  if (isNumber === true) return 'number'
  if (isHeading === true) return 'heading'
  return isActions === true ? 'actions' : undefined
}

/** The most decimals of a column of numbers. */
function countDecimals<Row>({ cell, foot, isNumber }: Column<Row>, rows: readonly Row[]): number {
  if (isNumber !== true) return 0
  return [...rows.map(cell), foot].reduce((most: number, content) => Math.max(most, getDecimals(content)), 0)
}

/** The zeros that a number lacks for its decimal point to stand below the others; undefined: none. */
function pad(content: ReactNode, decimals: number): string | undefined {
  const own = getDecimals(content)
  return own > 0 && own < decimals ? '0'.repeat(decimals - own) : undefined
}

function getDecimals(content: ReactNode): number {
  return typeof content === 'string' ? (/\d\.(\d+)$/.exec(content)?.[1]?.length ?? 0) : 0
}
