import type { Hint, HintKind } from './hints.ts'

/** Hands out what a question says for the properties of an input, each value once while there are others. */
export interface HintPicker {
  /** Of the kinds that go with the property's name, or with another that says more; null where nothing fits. */
  text(name: string, accept: (value: string) => boolean, kindName?: string): string | null
  number(name: string, accept: (value: number) => boolean): number | null
}

export interface PickerOptions {
  /** Where the question names what the input is for: what follows it comes first. */
  readonly anchor?: number
  readonly question?: string
  /** Of all properties: what stands right behind the name of one of them is its own and no other's. */
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
      take(name, kindsFor(kindName), ({ text }) => accept(text))?.text ?? null,
    number: (name, accept) => {
      const hint = take(name, ['number'], ({ text }) => accept(toNumber(text)))
      return hint && toNumber(hint.text)
    },
  }
}

/** `height 20` and `first name: "Ann"` say what they are for. */
function findOwners(
  hints: readonly Hint[],
  question: string,
  names: readonly string[],
): ReadonlyMap<Hint, string> {
  const owners = new Map<Hint, string>()
  const starts = Map.groupBy(hints, ({ at }) => at)
  for (const name of names.slice(0, maxNames)) {
    const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').match(/[\p{L}\p{N}]+/gu) ?? []
    if (words.length === 0) continue
    const spoken = new RegExp(String.raw`(?<![\p{L}\p{N}_])${words.join('[ _-]?')}${assignment}`, 'giu')
    for (const { index, 0: text } of question.slice(0, maxLookChars).matchAll(spoken))
      for (const hint of starts.get(index + text.length) ?? []) if (!owners.has(hint)) owners.set(hint, name)
  }
  return owners
}

const maxNames = 100
const maxLookChars = 10_000
/** What may stand between a name and its value. */
const assignment = `(?: (?:is|of|to|named|called|should be))? ?[:=]? ?["'“\`]?`

/** The first value that goes with the name, and those that a list puts beside it: `Paris, Rome and Oslo`. */
export function seriesFor(
  name: string,
  question: string,
  hints: readonly Hint[],
  anchor = 0,
): readonly Hint[] {
  const kinds = kindsFor(name)
  const ordered = [...hints.filter(({ at }) => at >= anchor), ...hints.filter(({ at }) => at < anchor)]
  const kind = kinds.find((candidate) => ordered.some((hint) => hint.kind === candidate))
  const first = ordered.find((hint) => hint.kind === kind)
  if (!first) return []
  const series = [first]
  for (const hint of hints.filter((candidate) => candidate.kind === kind && candidate.at > first.at)) {
    const between = question.slice(series.at(-1)?.end, hint.at)
    if (!listBorder.test(between) || series.length === maxInSeries) break
    series.push(hint)
  }
  return series
}

const listBorder =
  /^["'”`]?\s*(?:,|,?\s*and|&|,?\s*or|vs\.?|versus)\s*(?:also\s+)?(?:in|for|of|at|about)?\s*["'“`]?$/i
const maxInSeries = 8

export function toNumber(text: string): number {
  return Number(text.replaceAll(',', ''))
}

/** A value in another one, such as a name in a quotation, is used with it. */
function isUsed(hint: Hint, used: ReadonlySet<Hint>): boolean {
  return used.has(hint) || [...used].some(({ at, end }) => hint.at < end && at < hint.end)
}

/** By the words of a property's name; the best kind first. */
export function kindsFor(name: string): readonly HintKind[] {
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
