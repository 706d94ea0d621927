import type { Column } from '../../parts/data-table.tsx'
import { modelsTexts } from '../../texts/models.ts'
import type { SourceList } from './source-lists.ts'
import { SourcesButton } from './sources-button.tsx'

interface SourcesColumnOptions<Row> {
  readonly day: string
  readonly of: (row: Row) => string
  readonly read: (row: Row) => readonly SourceList[]
}

/** The last column of a table whose rows have the same sources in all cells. */
export function createSourcesColumn<Row>({ day, of, read }: SourcesColumnOptions<Row>): Column<Row> {
  return {
    title: modelsTexts.sources.title,
    cell: (row) => <SourcesButton of={of(row)} day={day} read={() => read(row)} />,
    isActions: true,
  }
}
