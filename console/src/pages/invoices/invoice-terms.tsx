import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { invoiceTermsQuery, removeInvoiceTerms, setInvoiceTerms } from '../../api/invoices.ts'
import type { InvoiceTerms } from '../../api/invoices.ts'
import { useMay } from '../../api/session.ts'
import { DataTable } from '../../parts/data-table.tsx'
import { TextField } from '../../parts/field.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { showToast } from '../../parts/toast.tsx'
import { invoiceTexts as texts } from '../../texts/invoices.ts'

interface InvoiceTermsProps {
  /** The id of the workspace. */
  readonly workspace: string
  readonly name: string
  /** The month of the invoice, which the form proposes. */
  readonly month: string
}

/** The markups and discounts of a workspace. Who may change them gets a form, and a button to remove each. */
export function InvoiceTermsCard({ workspace, name, month }: InvoiceTermsProps) {
  const query = useQuery(invoiceTermsQuery(workspace))
  const mayChange = useMay('billing')
  const [isSetting, setSetting] = useState(false)
  return (
    <section className="card stack">
      <h2>{texts.terms}</h2>
      <QueryState query={query}>
        {({ data }) =>
          data.length === 0 ? (
            <p>{texts.noTerms}</p>
          ) : (
            <TermsTable terms={data} workspace={workspace} name={name} mayChange={mayChange} />
          )
        }
      </QueryState>
      {mayChange && (
        <div className="row">
          <button type="button" className="button" onClick={() => setSetting(true)}>
            {texts.set}
          </button>
        </div>
      )}
      {isSetting && (
        <SetTerms workspace={workspace} name={name} month={month} onClose={() => setSetting(false)} />
      )}
    </section>
  )
}

interface TermsTableProps {
  readonly terms: readonly InvoiceTerms[]
  readonly workspace: string
  readonly name: string
  readonly mayChange: boolean
}

function TermsTable({ terms, workspace, name, mayChange }: TermsTableProps) {
  const refresh = useRefresh()
  const removal = useMutation({
    mutationFn: (first: string) => removeInvoiceTerms(workspace, first),
    onError: ({ message }) => showToast(message),
    onSettled: refresh,
  })
  const actions = {
    title: texts.actions,
    isActions: true,
    cell: ({ from_month: first }: InvoiceTerms) => (
      <button
        type="button"
        className="button small danger"
        aria-label={texts.removeLabel(first)}
        disabled={removal.isPending}
        onClick={() => removal.mutate(first)}
      >
        {texts.remove}
      </button>
    ),
  }
  return (
    <DataTable
      caption={texts.termsCaption(name)}
      rows={terms}
      getId={({ from_month: first }) => first}
      columns={[
        { title: texts.from, isHeading: true, cell: ({ from_month: first }) => first },
        { title: texts.percent, isNumber: true, cell: (each) => `${each.adjustment_percent} %` },
        ...(mayChange ? [actions] : []),
      ]}
    />
  )
}

interface SetTermsProps extends InvoiceTermsProps {
  readonly onClose: () => void
}

function SetTerms({ workspace, name, month, onClose }: SetTermsProps) {
  const refresh = useRefresh()
  const [from, setFrom] = useState(month)
  const [percent, setPercent] = useState('')
  return (
    <FormDialog
      title={texts.setTitle(name)}
      action={texts.set}
      isOpen
      onClose={onClose}
      onSubmit={async () => {
        await setInvoiceTerms(workspace, { from_month: from, adjustment_percent: percent })
        await refresh()
      }}
    >
      <p>{texts.setText}</p>
      <TextField label={texts.from} type="month" value={from} onChange={setFrom} isRequired />
      <TextField
        label={texts.percentField}
        value={percent}
        onChange={setPercent}
        placeholder="12.5"
        isRequired
      />
    </FormDialog>
  )
}

/** Terms change the invoices of their workspace too. */
function useRefresh(): () => Promise<void> {
  const queries = useQueryClient()
  return () => queries.invalidateQueries({ queryKey: ['invoice'] })
}
