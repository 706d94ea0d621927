import type { Hint, HintKind } from './hints.ts'

/** Assigns the values in a question to the properties of an input, each value once. */
export interface HintPicker {
  /** Picks a text of a kind that suits the property's name, or `kindName` if it is more specific; null if none fits. */
  text(name: string, accept: (value: string) => boolean, kindName?: string): string | null
  number(name: string, accept: (value: number) => boolean): number | null
}

export interface PickerOptions {
  /** The offset in the question that the input refers to; values after it have priority. */
  readonly anchor?: number
  readonly question?: string
  /** The names of all properties; a value directly after one of them is reserved for it. */
  readonly names?: readonly string[]
}

export function createHintPicker(
  hints: readonly Hint[],
  { anchor = 0, question = '', names = [] }: PickerOptions = {},
): HintPicker {
  const owners = findOwners(hints, question, names)
  const ordered = [...hints.filter(({ at }) => at >= anchor), ...hints.filter(({ at }) => at < anchor)]
  const used = new Set<Hint>()
  const take = (name: string, kinds: readonly HintKind[], accept: (hint: Hint) => boolean): Hint | null => {
    const free = ordered.filter((hint) => {
      const owner = owners.get(hint) ?? name
      return owner === name && !isUsed(hint, used) && accept(hint)
    })
    const own = free.filter((hint) => owners.has(hint))
    const byKind = (from: readonly Hint[]): Hint | null =>
      kinds.map((kind) => from.find((hint) => hint.kind === kind)).find((hint) => hint !== undefined) ?? null
    const hint = byKind(own) ?? byKind(free)
    if (hint) used.add(hint)
    return hint
  }
  return {
    text: (name, accept, kindName = name) =>
      take(name, getHintKinds(kindName), ({ text }) => accept(text))?.text ?? null,
    number: (name, accept) => {
      const hint = take(name, ['number'], ({ text }) => accept(toNumber(text)))
      return hint && toNumber(hint.text)
    },
  }
}

/** Finds values directly after a property's name, such as `height 20` and `first name: "Ann"`. */
function findOwners(
  hints: readonly Hint[],
  question: string,
  names: readonly string[],
): ReadonlyMap<Hint, string> {
  const owners = new Map<Hint, string>()
  const starts = groupByStart(hints)
  for (const name of names.slice(0, maxNames)) {
    const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').match(/[\p{L}\p{N}]+/gu) ?? []
    if (words.length === 0) continue
    const namePattern = new RegExp(String.raw`(?<![\p{L}\p{N}_])${words.join('[ _-]?')}${assignment}`, 'giu')
    for (const { index, 0: text } of question.slice(0, maxScannedChars).matchAll(namePattern))
      for (const hint of starts.get(index + text.length) ?? []) if (!owners.has(hint)) owners.set(hint, name)
  }
  return owners
}

function groupByStart(hints: readonly Hint[]): ReadonlyMap<number, readonly Hint[]> {
  const starts = new Map<number, Hint[]>()
  for (const hint of hints) {
    const group = starts.get(hint.at)
    if (group === undefined) starts.set(hint.at, [hint])
    else group.push(hint)
  }
  return starts
}

const maxNames = 100
const maxScannedChars = 10_000
/** The text allowed between a name and its value. */
const assignment = `(?: (?:is|of|to|named|called|should be))? ?[:=]? ?["'“\`]?`

/** Returns the first value that suits the name, and the other values of its list: `Paris, Rome and Oslo`. */
export function findSeries(
  name: string,
  question: string,
  hints: readonly Hint[],
  anchor = 0,
): readonly Hint[] {
  const kinds = getHintKinds(name)
  const ordered = [...hints.filter(({ at }) => at >= anchor), ...hints.filter(({ at }) => at < anchor)]
  const kind = kinds.find((candidate) => ordered.some((hint) => hint.kind === candidate))
  const first = ordered.find((hint) => hint.kind === kind)
  if (!first) return []
  const series = [first]
  for (const hint of hints.filter((candidate) => candidate.kind === kind && candidate.at > first.at)) {
    const between = question.slice(series.at(-1)?.end, hint.at)
    if (!listSeparator.test(between) || series.length === maxInSeries) break
    series.push(hint)
  }
  return series
}

const listSeparator =
  /^["'”`]?\s*(?:,|,?\s*and|&|,?\s*or|vs\.?|versus)\s*(?:also\s+)?(?:in|for|of|at|about)?\s*["'“`]?$/i
const maxInSeries = 8

export function toNumber(text: string): number {
  return Number(text.replaceAll(',', ''))
}

/** A value inside a used one, such as a name in a quotation, counts as used. */
function isUsed(hint: Hint, used: ReadonlySet<Hint>): boolean {
  return used.has(hint) || [...used].some(({ at, end }) => hint.at < end && at < hint.end)
}

/** Returns the kinds of values that suit a property's name, the best first. */
export function getHintKinds(name: string): readonly HintKind[] {
  return kindsByName.find(({ pattern }) => pattern.test(name))?.kinds ?? ['quoted', 'code', 'proper']
}

const kindsByName: readonly { readonly pattern: RegExp; readonly kinds: readonly HintKind[] }[] = [
  { pattern: /url|uri|href|link|website/i, kinds: ['url'] },
  { pattern: /e-?mail|recipient|^to$/i, kinds: ['email'] },
  { pattern: /path|file_?name|^file$|dir(?:ectory)?$|folder/i, kinds: ['path', 'quoted', 'code'] },
  { pattern: /date|^day$|deadline|^due/i, kinds: ['date', 'quoted'] },
  { pattern: /time_?zone|^tz$/i, kinds: ['zone', 'quoted'] },
  { pattern: /time$|^at$|hour/i, kinds: ['time', 'date', 'quoted'] },
  { pattern: /expression|equation|formula|calculation/i, kinds: ['expression', 'code', 'quoted'] },
  { pattern: /ticker|symbol|currency/i, kinds: ['ticker', 'quoted'] },
  { pattern: /command|^cmd$|code|sql|script|regex|pattern|glob/i, kinds: ['code', 'quoted'] },
  {
    pattern: /location|city|place|country|address|destination|origin|region|town|state/i,
    kinds: ['proper', 'quoted', 'phrase'],
  },
  { pattern: /query|search|topic|keyword|subject|term|^q$/i, kinds: ['quoted', 'proper', 'topic', 'code'] },
  { pattern: /name|author|person|user|customer|company|product|title/i, kinds: ['quoted', 'proper'] },
]
