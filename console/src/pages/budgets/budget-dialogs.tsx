import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { budgetWindows, createBudget, updateBudget } from '../../api/budgets.ts'
import type { Budget } from '../../api/budgets.ts'
import { Check, Choice, TextField } from '../../parts/field.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { showToast } from '../../parts/toast.tsx'
import { budgetTexts as texts } from '../../texts/manage.ts'
import { emptyForm, fillForm, listChanges, readForm } from './budget-form.ts'
import type { BudgetForm } from './budget-form.ts'
import { ScopeFields } from './scope-fields.tsx'

export function CreateBudget({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient()
  const [form, setForm] = useState(emptyForm)
  return (
    <FormDialog
      title={texts.create}
      action={texts.create}
      isOpen
      onClose={onClose}
      onSubmit={async () => {
        await createBudget(readForm(form))
        showToast(texts.created(form.scope))
        await queries.invalidateQueries({ queryKey: ['budgets'] })
      }}
    >
      <BudgetFields form={form} change={(changes) => setForm({ ...form, ...changes })} />
    </FormDialog>
  )
}

interface EditBudgetProps {
  readonly budget: Budget
  readonly onClose: () => void
}

/** The form of an existing budget. It sends only what was changed. */
export function EditBudget({ budget, onClose }: EditBudgetProps) {
  const queries = useQueryClient()
  const [before] = useState(() => fillForm(budget))
  const [form, setForm] = useState(before)
  return (
    <FormDialog
      title={texts.editTitle(budget.scope)}
      action={texts.save}
      isOpen
      onClose={onClose}
      onSubmit={async () => {
        const changes = listChanges(before, form)
        if (Object.keys(changes).length === 0) return
        await updateBudget(budget.id, changes)
        showToast(texts.saved(form.scope))
        await queries.invalidateQueries({ queryKey: ['budgets'] })
      }}
    >
      <BudgetFields form={form} change={(changes) => setForm({ ...form, ...changes })} />
    </FormDialog>
  )
}

interface BudgetFieldsProps {
  readonly form: BudgetForm
  readonly change: (changes: Partial<BudgetForm>) => void
}

function BudgetFields({ form, change }: BudgetFieldsProps) {
  const text = (name: 'models' | 'timezone' | 'thresholds', placeholder?: string) => (
    <TextField
      label={texts.fields[name]}
      member={name}
      value={form[name]}
      {...(placeholder !== undefined && { placeholder })}
      onChange={(value) => change({ [name]: value })}
    />
  )
  return (
    <>
      <ScopeFields scope={form.scope} onChange={(scope) => change({ scope })} />
      <TextField
        label={texts.limit}
        member="limit"
        value={form.limit}
        onChange={(limit) => change({ limit })}
        isRequired
      />
      <Choice
        label={texts.window}
        value={form.window}
        onChange={(window) => change({ window })}
        options={budgetWindows.map((window) => [window, texts.windows[window]] as const)}
      />
      <Choice
        label={texts.action}
        value={form.action}
        onChange={(action) => change({ action })}
        options={[
          ['block', texts.actionsOf.block],
          ['warn', texts.actionsOf.warn],
        ]}
      />
      {text('models')}
      {text('timezone', 'UTC')}
      <Check label={texts.rolling} isOn={form.rolling} onChange={(rolling) => change({ rolling })} />
      {text('thresholds')}
    </>
  )
}
