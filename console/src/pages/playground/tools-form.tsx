import { useState } from 'react'

import { Check, Choice, TextField } from '../../parts/field.tsx'
import { playgroundTexts } from '../../texts/playground.ts'
import {
  createProperty,
  createTool,
  printEnum,
  printTools,
  propertyTypes,
  readEnum,
  readProperties,
  readTools,
  withEnum,
  withProperties,
  withText,
} from './tool-schema.ts'
import type { Property, Tool } from './tool-schema.ts'

const texts = playgroundTexts.toolsForm

interface ToolsFormProps {
  /** The JSON of the tools. */
  readonly value: string
  readonly onChange: (value: string) => void
}

/** A form for each tool of the JSON. What it does not know stays in the JSON as it is. */
export function ToolsForm({ value, onChange }: ToolsFormProps) {
  const tools = readTools(value)
  if (tools === null) return <p className="notice warn small">{texts.unreadable}</p>
  const change = (changed: readonly Tool[]) => onChange(printTools(changed))
  return (
    <div className="stack">
      {tools.map((tool, index) => (
        <ToolForm
          // The names change while they are typed.
          key={index}
          tool={tool}
          label={texts.tool(index + 1)}
          onChange={(changed) => change(tools.with(index, changed))}
          onRemove={() => change(tools.toSpliced(index, 1))}
        />
      ))}
      <div className="row">
        <button type="button" className="button small" onClick={() => change([...tools, createTool(tools)])}>
          {texts.add}
        </button>
      </div>
    </div>
  )
}

interface ToolFormProps {
  readonly tool: Tool
  readonly label: string
  readonly onChange: (tool: Tool) => void
  readonly onRemove: () => void
}

function ToolForm({ tool, label, onChange, onRemove }: ToolFormProps) {
  const properties = readProperties(tool)
  const change = (changed: readonly Property[]) => onChange(withProperties(tool, changed))
  return (
    <fieldset className="tool-form">
      <legend>{label}</legend>
      <TextField
        label={texts.name}
        value={getText(tool, 'name')}
        onChange={(name) => onChange({ ...tool, name })}
      />
      {properties === null ? (
        <p className="muted small">{texts.noProperties}</p>
      ) : (
        <>
          <TextField
            label={texts.description}
            value={getText(tool, 'description')}
            onChange={(text) => onChange(withText(tool, 'description', text))}
          />
          {properties.map((property, index) => (
            <PropertyForm
              key={index}
              property={property}
              label={texts.property(index + 1)}
              isFree={(name) => properties.every((other) => other === property || other.name !== name)}
              onChange={(changed) => change(properties.with(index, changed))}
              onRemove={() => change(properties.toSpliced(index, 1))}
            />
          ))}
        </>
      )}
      <div className="row">
        {properties !== null && (
          <button
            type="button"
            className="button small"
            aria-label={`${texts.addProperty}: ${label}`}
            onClick={() => change([...properties, createProperty(properties)])}
          >
            {texts.addProperty}
          </button>
        )}
        <RemoveButton label={label} onClick={onRemove} />
      </div>
    </fieldset>
  )
}

interface PropertyFormProps {
  readonly property: Property
  readonly label: string
  readonly isFree: (name: string) => boolean
  readonly onChange: (property: Property) => void
  readonly onRemove: () => void
}

function PropertyForm({ property, label, isFree, onChange, onRemove }: PropertyFormProps) {
  const { name, schema, isRequired } = property
  const setSchema = (changed: Tool) => onChange({ ...property, schema: changed })
  const type = schema['type']
  const isKnown = propertyTypes.some((one) => one === type)
  return (
    <fieldset className="tool-property">
      <legend>{label}</legend>
      <PropertyName
        name={name}
        isFree={isFree}
        onChange={(changed) => onChange({ ...property, name: changed })}
      />
      <Choice
        label={texts.type}
        value={isKnown ? String(type) : ''}
        onChange={(chosen) => chosen !== '' && setSchema({ ...schema, type: chosen })}
        options={[
          ...(isKnown ? [] : [['', texts.otherType] as const]),
          ...propertyTypes.map((one) => [one, one] as const),
        ]}
      />
      <TextField
        label={texts.description}
        value={getText(schema, 'description')}
        onChange={(text) => setSchema(withText(schema, 'description', text))}
      />
      <EnumField schema={schema} onChange={setSchema} />
      <div className="row">
        <Check
          label={texts.required}
          isOn={isRequired}
          onChange={(isOn) => onChange({ ...property, isRequired: isOn })}
        />
        <RemoveButton label={label} onClick={onRemove} />
      </div>
    </fieldset>
  )
}

interface PropertyNameProps {
  readonly name: string
  readonly isFree: (name: string) => boolean
  readonly onChange: (name: string) => void
}

/** A name that another property has is kept here until it is a different one: in the JSON one of the two would go. */
function PropertyName({ name, isFree, onChange }: PropertyNameProps) {
  const [taken, setTaken] = useState<string | null>(null)
  return (
    <label className="field">
      <span>{texts.name}</span>
      <input
        className="input"
        value={taken ?? name}
        aria-invalid={taken !== null}
        onChange={({ target: { value } }) => {
          setTaken(isFree(value) ? null : value)
          if (isFree(value)) onChange(value)
        }}
        onBlur={() => setTaken(null)}
      />
    </label>
  )
}

interface EnumFieldProps {
  readonly schema: Tool
  readonly onChange: (schema: Tool) => void
}

/** Keeps the text as it is typed, with its empty lines, while it means the values of the JSON. */
function EnumField({ schema, onChange }: EnumFieldProps) {
  const [typed, setTyped] = useState('')
  const printed = printEnum(schema)
  if (printed === null) return <p className="muted small">{texts.otherEnum}</p>
  const isSame = JSON.stringify(readEnum(typed, schema)) === JSON.stringify(readEnum(printed, schema))
  return (
    <label className="field">
      <span>{texts.enum}</span>
      <textarea
        className="input mono"
        rows={2}
        value={isSame ? typed : printed}
        onChange={({ target: { value } }) => {
          setTyped(value)
          onChange(withEnum(schema, value))
        }}
      />
    </label>
  )
}

function RemoveButton({ label, onClick }: { readonly label: string; readonly onClick: () => void }) {
  return (
    <button
      type="button"
      className="button quiet small"
      aria-label={`${playgroundTexts.remove}: ${label}`}
      onClick={onClick}
    >
      {playgroundTexts.remove}
    </button>
  )
}

function getText(value: Tool, name: string): string {
  return typeof value[name] === 'string' ? value[name] : ''
}
