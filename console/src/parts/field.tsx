import { createContext, useContext, useEffect, useId, useRef, useState } from 'react'

/** The member of the request that the server has refused; null: none. */
export const RefusedMember = createContext<string | null>(null)

interface FieldProps {
  readonly label: string
  /** The member of the request that the field sets. The field is marked if the server refuses it. */
  readonly member?: string
  readonly value: string
  readonly onChange: (value: string) => void
  readonly placeholder?: string
  readonly type?: 'text' | 'number' | 'date' | 'month' | 'datetime-local'
  /** `/` moves the focus to it. */
  readonly isFirstFilter?: boolean
  readonly isRequired?: boolean
  /** Suggestions of a text field. */
  readonly options?: readonly string[]
  /** The id of a text that explains the value. */
  readonly describedBy?: string | undefined
  /** The id of the text that says why the value is not valid; null: it is. */
  readonly problemId?: string | null
}

/** A labelled text field that reports its value at once. */
export function TextField(props: FieldProps) {
  const {
    label,
    member,
    value,
    onChange,
    placeholder,
    type = 'text',
    isFirstFilter,
    isRequired,
    options,
    describedBy,
    problemId = null,
  } = props
  const refused = useContext(RefusedMember)
  const listId = options === undefined ? undefined : `options-${label.replaceAll(/\W+/g, '-')}`
  return (
    <label className="field">
      <span>{label}</span>
      <input
        className="input"
        type={type}
        value={value}
        placeholder={placeholder}
        required={isRequired}
        aria-invalid={problemId !== null || (member !== undefined && isPartOf(refused, member))}
        aria-describedby={problemId ?? describedBy}
        list={listId}
        data-first-filter={isFirstFilter === true ? '' : undefined}
        onChange={({ target }) => onChange(target.value)}
      />
      {options !== undefined && (
        <datalist id={listId}>
          {options.map((option) => (
            <option key={option} value={option} />
          ))}
        </datalist>
      )}
    </label>
  )
}

/** The server names `models.0` for the first item of `models`. */
function isPartOf(refused: string | null, member: string): boolean {
  return refused === member || refused?.startsWith(`${member}.`) === true
}

/** Time without typing after which a filter is applied. */
const settleMs = 300

/** A text field that reports its value when the user has stopped typing, for filters that ask the server. */
export function FilterField({ value, onChange, problem, isHeld = false, ...rest }: FilterFieldProps) {
  const [text, setText] = useState(value)
  const reported = useRef(value)
  // Another function does not begin the time anew: a live page is rendered again and again.
  const report = useRef(onChange)
  const problemId = useId()
  useEffect(() => {
    report.current = onChange
  })
  useEffect(() => {
    // The value that comes back from this field may be older than its text.
    if (value !== reported.current) setText(value)
    reported.current = value
  }, [value])
  useEffect(() => {
    if (text === value || isHeld) return
    const timer = setTimeout(() => {
      reported.current = text
      report.current(text)
    }, settleMs)
    return () => clearTimeout(timer)
  }, [text, value, isHeld])
  if (problem === undefined) return <TextField {...rest} value={text} onChange={setText} />
  return (
    <div className="field">
      <TextField {...rest} value={text} onChange={setText} problemId={problem === null ? null : problemId} />
      <p id={problemId} className="field-problem small" role="status">
        {problem}
      </p>
    </div>
  )
}

interface FilterFieldProps extends FieldProps {
  /** The sentence below a field whose value is not valid; null: it is; absent: it is not checked. */
  readonly problem?: string | null
  /** The text waits, because it cannot be read yet. Default: false. */
  readonly isHeld?: boolean
}

interface ChoiceProps<Value extends string> {
  readonly label: string
  readonly value: Value
  readonly onChange: (value: Value) => void
  /** Values with their texts. */
  readonly options: readonly (readonly [value: Value, text: string])[]
}

export function Choice<Value extends string>({ label, value, onChange, options }: ChoiceProps<Value>) {
  return (
    <label className="field">
      <span>{label}</span>
      <select
        className="input"
        value={value}
        onChange={({ target }) => onChange(target.value as Value)} // One of the options below.
      >
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </label>
  )
}

/** Like `Choice`, with all options in sight. */
export function Segments<Value extends string>({ label, value, onChange, options }: ChoiceProps<Value>) {
  return (
    <div className="segments" role="group" aria-label={label}>
      {options.map(([option, text]) => (
        <button key={option} type="button" aria-pressed={option === value} onClick={() => onChange(option)}>
          {text}
        </button>
      ))}
    </div>
  )
}

interface CheckProps {
  readonly label: string
  readonly isOn: boolean
  readonly onChange: (isOn: boolean) => void
}

export function Check({ label, isOn, onChange }: CheckProps) {
  return (
    <label className="row nowrap">
      <input type="checkbox" checked={isOn} onChange={({ target }) => onChange(target.checked)} />
      {label}
    </label>
  )
}

interface ChecksProps<Value extends string> {
  readonly label: string
  readonly values: readonly Value[]
  readonly onChange: (values: readonly Value[]) => void
  readonly options: readonly (readonly [value: Value, text: string])[]
}

/** Any number of the options. */
export function Checks<Value extends string>({ label, values, onChange, options }: ChecksProps<Value>) {
  return (
    <fieldset className="checks">
      <legend className="label">{label}</legend>
      {options.map(([option, text]) => (
        <label className="row nowrap" key={option}>
          <input
            type="checkbox"
            checked={values.includes(option)}
            onChange={({ target }) =>
              onChange(
                options
                  .map(([value]) => value)
                  .filter((value) => (value === option ? target.checked : values.includes(value))),
              )
            }
          />
          {text}
        </label>
      ))}
    </fieldset>
  )
}
