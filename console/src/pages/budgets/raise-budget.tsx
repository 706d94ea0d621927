import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'

import { raiseBudget } from '../../api/budgets.ts'
import type { Budget } from '../../api/budgets.ts'
import { TextField } from '../../parts/field.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { formatUsd } from '../../parts/format.ts'
import { budgetTexts as texts } from '../../texts/manage.ts'

interface RaiseBudgetProps {
  readonly budget: Budget
  readonly onClose: () => void
}

/** The form of a temporary raise. Without an amount it ends the present one. */
export function RaiseBudget({ budget, onClose }: RaiseBudgetProps) {
  const queries = useQueryClient()
  const isRaised = budget.raise !== null
  const [to, setTo] = useState(budget.raise?.to ?? '')
  const [until, setUntil] = useState(budget.raise?.until.slice(0, 10) ?? '')
  return (
    <FormDialog
      title={texts.raiseTitle(budget.scope)}
      action={isRaised && to === '' ? texts.endRaise : texts.raise}
      isOpen
      onClose={onClose}
      onSubmit={async () => {
        await raiseBudget(budget.id, to === '' ? null : { to, until })
        await queries.invalidateQueries({ queryKey: ['budgets'] })
      }}
    >
      <p>{texts.raiseText(formatUsd(budget.limit))}</p>
      <TextField
        label={isRaised ? texts.raiseToOrEnd : texts.raiseTo}
        member="raise.to"
        value={to}
        onChange={setTo}
        isRequired={!isRaised}
      />
      <TextField
        label={texts.raiseUntil}
        member="raise.until"
        type="date"
        value={until}
        onChange={setUntil}
        isRequired={to !== ''}
      />
    </FormDialog>
  )
}
