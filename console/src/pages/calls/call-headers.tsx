import type { CallHeaders as Headers } from '../../api/calls.ts'
import { DataTable } from '../../parts/data-table.tsx'
import type { Column } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Name } from '../../parts/name.tsx'
import { callTexts } from '../../texts/calls.ts'

const { headers: texts } = callTexts.detail

/** The headers of a call that its row keeps: what the client is, and what the upstream said about its limits. */
export function CallHeaders({ headers }: { readonly headers: Headers | null }) {
  if (headers === null) return <Empty title={texts.none} />
  return (
    <>
      <HeaderTable title={texts.request} headers={headers.request} empty={texts.noRequest} />
      <HeaderTable title={texts.response} headers={headers.response} empty={texts.noResponse} />
      <p className="small muted">{texts.lead}</p>
    </>
  )
}

interface HeaderTableProps {
  readonly title: string
  readonly headers: Readonly<Record<string, string>>
  readonly empty: string
}

type Header = readonly [name: string, value: string]

const columns: readonly Column<Header>[] = [
  { title: texts.name, isHeading: true, cell: ([name]) => <code>{name}</code> },
  { title: texts.value, cell: ([, value]) => <Name text={value} /> },
]

function HeaderTable({ title, headers, empty }: HeaderTableProps) {
  const rows = Object.entries(headers)
  return (
    <section className="stack">
      <h3>{title}</h3>
      {rows.length === 0 ? (
        <p className="muted">{empty}</p>
      ) : (
        <DataTable caption={title} columns={columns} rows={rows} getId={([name]) => name} />
      )}
    </section>
  )
}
