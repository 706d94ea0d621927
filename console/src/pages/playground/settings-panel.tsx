import type { Model } from '@anthology/catalog'

import { CodeEditor } from '../../parts/code-editor.tsx'
import { Check, Choice, TextField } from '../../parts/field.tsx'
import { playgroundTexts as texts } from '../../texts/playground.ts'
import { listToolNames } from './create-request.ts'
import type { Draft } from './draft.ts'
import { MarksPanel } from './marks-panel.tsx'
import { listOptions } from './model-options.ts'
import { ToolsForm } from './tools-form.tsx'

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
      <MarksPanel draft={draft} models={models} onChange={(cache) => onChange({ cache })} />
      <Check
        label={texts.stream}
        isOn={draft.isStreamed}
        onChange={(isStreamed) => onChange({ isStreamed })}
      />
      <details>
        <summary>
          {texts.toolsTitle} <span className="muted">{listToolNames(draft.tools).join(', ')}</span>
        </summary>
        <ToolsForm value={draft.tools} onChange={(tools) => onChange({ tools })} />
        <h3 className="small">{texts.tools}</h3>
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
      <details open={draft.otherMembers !== '' || undefined}>
        <summary>{texts.otherMembers}</summary>
        <CodeEditor
          label={texts.otherMembers}
          language="json"
          value={draft.otherMembers}
          onChange={(otherMembers) => onChange({ otherMembers })}
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
