import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { setAlias } from '../../api/routing.ts'
import type { Alias } from '../../api/routing.ts'
import { explain } from '../../api/upstreams.ts'
import { TextField } from '../../parts/field.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { formatPercent } from '../../parts/format.ts'
import { showToast } from '../../parts/toast.tsx'
import { aliasTexts as texts } from '../../texts/routing.ts'
import { PlanView, ProblemPlan } from './plan-view.tsx'
import { parseShare } from './shares.ts'

interface EditAliasProps {
  /** Null: a new one. */
  readonly alias: Alias | null
  readonly onClose: () => void
}

interface AliasForm {
  readonly name: string
  readonly to: string
  readonly share: string
  readonly from: string
}

/** The form of an alias, with the plans of both parts of its conversations. */
export function EditAlias({ alias, onClose }: EditAliasProps) {
  const queries = useQueryClient()
  const [form, setForm] = useState<AliasForm>({
    name: alias?.name ?? '',
    to: alias?.to ?? '',
    share: alias?.share.replace('%', '') ?? '',
    from: alias?.from ?? '',
  })
  const share = parseShare(form.share)
  const change = (changes: Partial<AliasForm>) => setForm({ ...form, ...changes })
  return (
    <FormDialog
      title={alias === null ? texts.create : texts.editTitle(alias.name)}
      action={texts.save}
      isOpen
      shape="wide"
      onClose={onClose}
      onSubmit={async () => {
        if (share === null) throw new Error(texts.shareInvalid)
        await setAlias(form.name, form)
        await queries.invalidateQueries({ queryKey: ['routing'] })
        showToast(texts.saved(form.name))
      }}
    >
      {alias === null && (
        <TextField
          label={texts.name}
          member="name"
          value={form.name}
          onChange={(name) => change({ name })}
          isRequired
        />
      )}
      <TextField label={texts.to} member="to" value={form.to} onChange={(to) => change({ to })} isRequired />
      <TextField
        label={texts.share}
        member="share"
        value={form.share}
        onChange={(text) => change({ share: text })}
      />
      <p className={share === null ? 'small notice bad' : 'small muted'} role="status">
        {share === null
          ? texts.shareInvalid
          : texts.shareSum(formatPercent(share), form.to, formatPercent(100 - share), form.name)}
      </p>
      <TextField
        label={texts.from}
        member="from"
        type="date"
        value={form.from}
        onChange={(from) => change({ from })}
      />
      <Preview to={form.to} />
    </FormDialog>
  )
}

/** Explains a short request for the target. Nothing is sent, and nothing is saved. */
function Preview({ to }: { readonly to: string }) {
  const run = useMutation({
    mutationFn: (model: string) =>
      explain(
        { model, max_tokens: 256, messages: [{ role: 'user', content: 'Hello' }] },
        { protocol: 'messages' },
      ),
  })
  return (
    <section className="stack">
      <div className="row">
        <button
          type="button"
          className="button"
          disabled={to === '' || run.isPending}
          onClick={() => run.mutate(to)}
        >
          {texts.preview}
        </button>
        <span className="small muted">{texts.previewHint}</span>
      </div>
      <div role="status" className="stack">
        {run.data !== undefined && <PlanView explanation={run.data} />}
        {run.error !== null && <ProblemPlan error={run.error} />}
      </div>
    </section>
  )
}
