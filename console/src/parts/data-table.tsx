import type { ReactNode } from 'react'

import { useRowKeys } from './row-keys.ts'

export interface Column<Row> {
  /** Default: the title, which then differs from that of every other column. */
  readonly id?: string
  readonly title: string
  readonly cell: (row: Row) => ReactNode
  /** Right-aligned, with digits of one width. */
  readonly isNumber?: boolean
  /** The cell that names the row. */
  readonly isHeading?: boolean
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

/** A table of one page of rows. The server sorts and pages. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { caption, columns, rows, getId, openId, onOpen } = props
  const keys = useRowKeys(rows.length, onOpen === undefined ? undefined : (at) => openRow(rows[at], onOpen))
  const hasFoot = columns.some(({ foot }) => foot !== undefined)
  return (
    <div className="table-frame" tabIndex={0} role="region" aria-label={caption}>
      <table className="table">
        <caption className="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ id, title, isNumber }) => (
              <th key={id ?? title} scope="col" className={isNumber === true ? 'number' : undefined}>
                {title}
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
              {columns.map((column) => (
                <Cell key={column.id ?? column.title} column={column} row={row} />
              ))}
            </tr>
          ))}
        </tbody>
        {hasFoot && (
          <tfoot>
            <tr>
              {columns.map(({ id, title, foot, isNumber }) => (
                <td key={id ?? title} className={isNumber === true ? 'number' : undefined}>
                  {foot}
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

function Cell<Row>({ column, row }: { readonly column: Column<Row>; readonly row: Row }) {
  const { cell, isNumber, isHeading } = column
  const className = isNumber === true ? 'number' : undefined
  return isHeading === true ? (
    <th scope="row" className={className}>
      {cell(row)}
    </th>
  ) : (
    <td className={className}>{cell(row)}</td>
  )
}
