import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { setWeights } from '../../api/routing.ts'
import type { Routing, Weights } from '../../api/routing.ts'
import { TextField } from '../../parts/field.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { formatPercent } from '../../parts/format.ts'
import { showToast } from '../../parts/toast.tsx'
import { weightTexts as texts } from '../../texts/routing.ts'
import { computeShares, parseWeight } from './shares.ts'

interface EditWeightsProps {
  readonly routing: Routing
  readonly onClose: () => void
}

/** The form of all weights, with the shares of the conversations that follow from them. */
export function EditWeights({ routing: { groups, models, weights }, onClose }: EditWeightsProps) {
  const queries = useQueryClient()
  const [form, setForm] = useState<Readonly<Record<string, string>>>(() =>
    Object.fromEntries(Object.entries(weights.values).map(([name, weight]) => [name, String(weight)])),
  )
  const read = Object.entries(form).map(([name, text]) => [name, parseWeight(text)] as const)
  const invalid = read.filter(([, weight]) => weight === null).map(([name]) => name)
  const values: Weights = Object.fromEntries(read.map(([name, weight]) => [name, weight ?? 0]))
  const shared = [...groups, ...Object.values(models).flat()].filter((group) => group.length > 1)
  return (
    <FormDialog
      title={texts.edit}
      action={texts.save}
      isOpen
      onClose={onClose}
      onSubmit={async () => {
        if (invalid.length > 0) throw new Error(texts.invalid(invalid.join(', ')))
        await setWeights(values)
        await Promise.all(
          ['routing', 'upstreams'].map((name) => queries.invalidateQueries({ queryKey: [name] })),
        )
        showToast(texts.saved)
      }}
    >
      <p className="small muted">{texts.lead}</p>
      {Object.keys(form).map((name) => (
        <TextField
          key={name}
          label={texts.weightOf(name)}
          value={form[name] ?? ''}
          onChange={(text) => setForm({ ...form, [name]: text })}
          isRequired
        />
      ))}
      <div role="status" className="stack">
        {invalid.length > 0 ? (
          <p className="notice bad">{texts.invalid(invalid.join(', '))}</p>
        ) : (
          shared.map((group) => <GroupShares key={group.join(' ')} group={group} weights={values} />)
        )}
      </div>
    </FormDialog>
  )
}

function GroupShares({ group, weights }: { readonly group: readonly string[]; readonly weights: Weights }) {
  const shares = computeShares(group, weights)
  if (shares === null) return <p className="notice bad">{texts.idle(group.join(', '))}</p>
  const parts = group.map((name) => texts.share(name, formatPercent(shares[name] ?? 0)))
  return <p className="small">{texts.shares(parts.join(', '))}</p>
}
