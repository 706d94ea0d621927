import type { Model } from '@anthology/catalog'

import { CodeEditor } from '../../parts/code-editor.tsx'
import { Choice, TextField } from '../../parts/field.tsx'
import { formatCount } from '../../parts/format.ts'
import { playgroundTexts as texts } from '../../texts/playground.ts'
import { listToolNames } from './create-request.ts'
import type { CacheMarks, Draft } from './draft.ts'
import { listOptions } from './model-options.ts'

interface SettingsProps {
  readonly draft: Draft
  readonly models: readonly Model[]
  readonly onChange: (changes: Partial<Draft>) => void
}

/** The parameters of a request, its cache breakpoints, tools and the shape of its answer. */
export function SettingsPanel(props: SettingsProps) {
  const { draft, models, onChange } = props
  return (
    <section className="card" aria-label={texts.settings}>
      <h2>{texts.settings}</h2>
      <Parameters {...props} />
      <Marks marks={draft.cache} models={models} onChange={(cache) => onChange({ cache })} />
      <Flag
        label={texts.stream}
        isOn={draft.isStreamed}
        onChange={(isStreamed) => onChange({ isStreamed })}
      />
      <details>
        <summary>
          {texts.tools} <span className="muted">{listToolNames(draft.tools).join(', ')}</span>
        </summary>
        <CodeEditor
          label={texts.tools}
          language="json"
          value={draft.tools}
          onChange={(tools) => onChange({ tools })}
        />
      </details>
      <details>
        <summary>{texts.schema}</summary>
        <CodeEditor
          label={texts.schema}
          language="json"
          value={draft.schema}
          onChange={(schema) => onChange({ schema })}
        />
      </details>
      <details open={draft.stopSequences !== '' || draft.betas !== '' || undefined}>
        <summary>{texts.more}</summary>
        <div className="columns">
          <Lines
            label={texts.stopSequences}
            value={draft.stopSequences}
            onChange={(stopSequences) => onChange({ stopSequences })}
          />
          <Lines label={texts.betas} value={draft.betas} onChange={(betas) => onChange({ betas })} />
        </div>
      </details>
    </section>
  )
}

const samplingNames = ['temperature', 'topP', 'topK'] as const

/** Values that none of the models accepts are not offered; one that is set already can be taken back. */
function Parameters({ draft, models, onChange }: SettingsProps) {
  const options = models.map(listOptions)
  const thinkingTypes = [...new Set(options.flatMap(({ thinkingTypes: types }) => types))]
  const effortLevels = [...new Set(options.flatMap(({ effortLevels: levels }) => levels))]
  const takesSampling = options.some(({ sampling }) => sampling !== 'default_only')
  return (
    <div className="filters">
      <TextField
        label={texts.maxTokens}
        type="number"
        value={draft.maxTokens}
        onChange={(maxTokens) => onChange({ maxTokens })}
      />
      {thinkingTypes.length > 0 && (
        <Choice
          label={texts.thinking}
          value={draft.thinking}
          onChange={(thinking) => onChange({ thinking })}
          options={[['', texts.thinkingDefault], ...thinkingTypes.map((type) => [type, type] as const)]}
        />
      )}
      {draft.thinking === 'enabled' && (
        <TextField
          label={texts.budget}
          type="number"
          value={draft.budgetTokens}
          onChange={(budgetTokens) => onChange({ budgetTokens })}
        />
      )}
      {effortLevels.length > 0 && (
        <Choice
          label={texts.effort}
          value={draft.effort}
          onChange={(effort) => onChange({ effort })}
          options={[['', texts.effortDefault], ...effortLevels.map((level) => [level, level] as const)]}
        />
      )}
      {samplingNames
        .filter((name) => takesSampling || draft[name] !== '')
        .map((name) => (
          <TextField
            key={name}
            label={texts[name]}
            value={draft[name]}
            onChange={(value) => onChange({ [name]: value })}
          />
        ))}
      <ToolChoice draft={draft} onChange={onChange} />
    </div>
  )
}

function ToolChoice({ draft, onChange }: Omit<SettingsProps, 'models'>) {
  return (
    <Choice
      label={texts.toolChoice}
      value={draft.toolChoice}
      onChange={(toolChoice) => onChange({ toolChoice })}
      options={[
        ...Object.entries(texts.toolChoices),
        ...listToolNames(draft.tools).map((name) => [name, name] as const),
      ]}
    />
  )
}

interface MarksProps {
  readonly marks: CacheMarks
  readonly models: readonly Model[]
  readonly onChange: (marks: CacheMarks) => void
}

function Marks({ marks, models, onChange }: MarksProps) {
  const isUsed = marks.tools || marks.system || marks.lastTurn
  const limited = models.filter(({ minCacheableTokens }) => minCacheableTokens !== null)
  return (
    <fieldset className="marks">
      <legend>{texts.cache}</legend>
      <div className="row">
        <Flag
          label={texts.cacheTools}
          isOn={marks.tools}
          onChange={(tools) => onChange({ ...marks, tools })}
        />
        <Flag
          label={texts.cacheSystem}
          isOn={marks.system}
          onChange={(system) => onChange({ ...marks, system })}
        />
        <Flag
          label={texts.cacheLast}
          isOn={marks.lastTurn}
          onChange={(lastTurn) => onChange({ ...marks, lastTurn })}
        />
        {isUsed && (
          <Choice
            label={texts.cacheTtl}
            value={marks.ttl}
            onChange={(ttl) => onChange({ ...marks, ttl })}
            options={[
              ['5m', '5 minutes'],
              ['1h', '1 hour'],
            ]}
          />
        )}
      </div>
      {isUsed && limited.length > 0 && (
        <p className="muted small">
          {limited
            .map((model) => texts.cacheFrom(model.displayName, formatCount(model.minCacheableTokens)))
            .join(' ')}{' '}
          {texts.cacheTooShort}
        </p>
      )}
    </fieldset>
  )
}

interface FlagProps {
  readonly label: string
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
}

function Flag({ label, isOn, onChange }: FlagProps) {
  return (
    <label className="check">
      <input type="checkbox" checked={isOn} onChange={({ target }) => onChange(target.checked)} />
      <span>{label}</span>
    </label>
  )
}

interface LinesProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}

function Lines({ label, value, onChange }: LinesProps) {
  return (
    <label className="field">
      <span>{label}</span>
      <textarea
        className="input mono"
        rows={2}
        value={value}
        onChange={({ target }) => onChange(target.value)}
      />
    </label>
  )
}
