import type { Key, KeyChange, Protocol, RateFigures, Rates } from '../../api/keys.ts'
import { readList } from '../../parts/list-text.ts'

/** Limits per minute as they are typed: a number, `unlimited`, or nothing. */
export interface RateFields {
  readonly requests: string
  readonly input: string
  readonly output: string
}

/** The state of the form of a key. An empty field is no restriction. */
export interface KeyForm {
  readonly name: string
  readonly member: string
  /** Names, separated by commas or white space; so are regions and addresses. */
  readonly models: string
  readonly protocols: readonly Protocol[]
  readonly regions: string
  readonly ipRanges: string
  /** Local time as `<input type="datetime-local">` has it. */
  readonly expires: string
  readonly rates: RateFields
  readonly modelRates: readonly (RateFields & { readonly model: string })[]
}

export const emptyRates: RateFields = { requests: '', input: '', output: '' }

export const emptyForm: KeyForm = {
  name: '',
  member: '',
  models: '',
  protocols: [],
  regions: '',
  ipRanges: '',
  expires: '',
  rates: emptyRates,
  modelRates: [],
}

/** Fills the form with the present values of a key. */
export function fillForm(key: Key): KeyForm {
  return {
    name: key.name,
    member: key.member_id ?? '',
    models: key.models?.join(', ') ?? '',
    protocols: key.protocols ?? [],
    regions: key.regions?.join(', ') ?? '',
    ipRanges: key.ip_ranges?.join(', ') ?? '',
    expires: key.expires_at === null ? '' : printLocalTime(new Date(key.expires_at)),
    rates: fillRates(key.rates ?? {}),
    modelRates: Object.entries(key.rates?.models ?? {}).map(([model, figures]) => ({
      model,
      ...fillRates(figures),
    })),
  }
}

/** Reads the form. The server validates it, so a text that is no number is sent as it is. */
export function readForm(form: KeyForm): Required<KeyChange> {
  return {
    name: form.name.trim(),
    member_id: form.member === '' ? null : form.member,
    models: readList(form.models),
    protocols: form.protocols.length === 0 ? null : form.protocols,
    regions: readList(form.regions),
    ip_ranges: readList(form.ipRanges),
    rates: readRates(form),
    expires_at: form.expires === '' ? null : new Date(form.expires).toISOString(),
  }
}

/** The members that differ between two states of the form. What nobody has changed is not sent, so it stays as it is. */
export function listChanges(before: KeyForm, after: KeyForm): KeyChange {
  const [one, other] = [readForm(before), readForm(after)]
  const names = Object.keys(other) as (keyof KeyChange)[] // The members of `readForm`.
  return Object.fromEntries(
    names
      .filter((name) => JSON.stringify(one[name]) !== JSON.stringify(other[name]))
      .map((name) => [name, other[name]]),
  )
}

function readRates({ rates, modelRates }: KeyForm): Rates | null {
  const models = Object.fromEntries(
    modelRates
      .filter(({ model }) => model.trim() !== '')
      .map(({ model, ...fields }) => [model.trim(), readFigures(fields)]),
  )
  const all: Rates = {
    ...readFigures(rates),
    ...(Object.keys(models).length > 0 && { models }),
  }
  return Object.keys(all).length === 0 ? null : all
}

function readFigures({ requests, input, output }: RateFields): RateFigures {
  return {
    ...(requests.trim() !== '' && { requests_per_minute: readFigure(requests) }),
    ...(input.trim() !== '' && { input_tokens_per_minute: readFigure(input) }),
    ...(output.trim() !== '' && { output_tokens_per_minute: readFigure(output) }),
  }
}

function readFigure(text: string): number | string {
  return /^\s*\d+\s*$/.test(text) ? Number(text) : text.trim()
}

function fillRates(figures: RateFigures): RateFields {
  return {
    requests: String(figures.requests_per_minute ?? ''),
    input: String(figures.input_tokens_per_minute ?? ''),
    output: String(figures.output_tokens_per_minute ?? ''),
  }
}

/** `2026-11-29T14:05:00` in the zone of the browser. */
function printLocalTime(time: Date): string {
  const local = new Date(time.getTime() - time.getTimezoneOffset() * 60_000)
  return local.toISOString().slice(0, 19)
}
