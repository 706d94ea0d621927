import { keyTexts } from '../../texts/manage.ts'
import { emptyRates } from './key-form.ts'
import type { KeyForm, RateFields } from './key-form.ts'

interface RateTableProps {
  readonly form: KeyForm
  readonly change: (changes: Partial<KeyForm>) => void
}

const figures = ['requests', 'input', 'output'] as const

/** The limits per minute of a key: a row for all models, and one for each model with limits of its own. */
export function RateTable({ form, change }: RateTableProps) {
  const { rates, modelRates } = form
  const texts = keyTexts.rates
  const changeModel = (at: number, changes: Partial<(typeof modelRates)[number]>) =>
    change({ modelRates: modelRates.map((row, index) => (index === at ? { ...row, ...changes } : row)) })
  return (
    <fieldset className="stack rates">
      <legend className="label">{texts.title}</legend>
      <div className="rate-row">
        <span className="small">{texts.allModels}</span>
        <Figures
          rates={rates}
          owner={texts.allModels}
          change={(changes) => change({ rates: { ...rates, ...changes } })}
        />
      </div>
      {modelRates.map((row, at) => (
        // A row keeps its position; one without a model is not sent.
        <div className="rate-row" key={at}>
          <input
            className="input"
            aria-label={texts.model(at + 1)}
            placeholder={texts.modelPlaceholder}
            value={row.model}
            onChange={({ target }) => changeModel(at, { model: target.value })}
          />
          <Figures
            rates={row}
            owner={row.model === '' ? texts.model(at + 1) : row.model}
            change={(changes) => changeModel(at, changes)}
          />
        </div>
      ))}
      <div className="row">
        <button
          type="button"
          className="button small"
          onClick={() => change({ modelRates: [...modelRates, { model: '', ...emptyRates }] })}
        >
          {texts.add}
        </button>
      </div>
      <p className="small muted">{texts.hint}</p>
    </fieldset>
  )
}

interface FiguresProps {
  readonly rates: RateFields
  readonly owner: string
  readonly change: (changes: Partial<RateFields>) => void
}

function Figures({ rates, owner, change }: FiguresProps) {
  return figures.map((name) => (
    <label key={name} className="field">
      <span>{keyTexts.rates.figures[name]}</span>
      <input
        className="input"
        aria-label={keyTexts.rates.figureOf(keyTexts.rates.figures[name], owner)}
        value={rates[name]}
        onChange={({ target }) => change({ [name]: target.value })}
      />
    </label>
  ))
}
