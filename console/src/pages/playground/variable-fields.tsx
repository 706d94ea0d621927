import { TextField } from '../../parts/field.tsx'
import { playgroundTexts as texts } from '../../texts/playground.ts'
import type { Draft } from './draft.ts'
import { listVariables, readValue } from './variables.ts'
import type { Values } from './variables.ts'

interface VariableFieldsProps {
  readonly draft: Draft
  readonly values: Values
  readonly onChange: (values: Values) => void
}

/** A field for each `{{name}}` in the prompt. */
export function VariableFields({ draft, values, onChange }: VariableFieldsProps) {
  const names = listVariables(draft)
  if (names.length === 0) return null
  return (
    <section className="card" aria-label={texts.variables}>
      <h2>{texts.variables}</h2>
      <div className="filters">
        {names.map((name) => (
          <TextField
            key={name}
            label={texts.variable(name)}
            value={readValue(values, name)}
            onChange={(value) => onChange({ ...values, [name]: value })}
          />
        ))}
      </div>
    </section>
  )
}
