import { generateSync } from 'json-schema-faker'

import type { Random } from '../random.ts'
import type { Schema } from './json-schema.ts'
import type { GenerateState } from './generate-state.ts'

/** A text from the question where one fits, else one that suits the property's name. */
export function makeText(schema: Schema, { hints, random, sentence }: GenerateState, name: string): string {
  const { minLength, maxLength, pattern, format = null } = schema
  const least = typeof minLength === 'number' ? Math.min(minLength, maxTextLength) : 0
  const most = typeof maxLength === 'number' ? Math.max(0, Math.min(maxLength, maxTextLength)) : maxTextLength
  const expression = typeof pattern === 'string' ? compile(pattern) : null
  const known = typeof format === 'string' ? formats.get(format) : undefined
  const fits = (text: string): boolean => {
    const { length } = Array.from(text)
    const isLongEnough = length >= least && length <= most
    return isLongEnough && (expression?.test(text) ?? true) && (known?.test.test(text) ?? true)
  }
  const said = hints.text(name, fits, hintName(name, format))
  if (said !== null) return said
  const made = known?.make(random) ?? fitLength(plainText(name, random, sentence), least, most, sentence)
  if (fits(made)) return made
  const rules = { ...(pattern !== undefined && { pattern }), ...(format !== null && { format }) }
  return generate({ type: 'string', ...rules, minLength: least, maxLength: most }, random)
}

const maxTextLength = 10_000

/** The format says more of a value than the name does. */
function hintName(name: string, format: unknown): string {
  if (format === 'uri' || format === 'email' || format === 'date') return format
  return format === 'time' || format === 'date-time' ? 'time' : name
}

function plainText(name: string, random: Random, sentence: (name: string) => string): string {
  const words = plainTexts.find(({ pattern }) => pattern.test(name))?.texts
  if (words) return random.pick(words)
  return /^$|id$|key$|code$|token$/i.test(name) ? `example-${100 + random.below(900)}` : sentence(name)
}

/** Whatever stands here is made up, and looks it. */
const plainTexts: readonly { readonly pattern: RegExp; readonly texts: readonly [string, ...string[]] }[] = [
  { pattern: /url|uri|href|link|website/i, texts: ['https://example.com/'] },
  { pattern: /e-?mail/i, texts: ['someone@example.com'] },
  { pattern: /path|file|folder|directory/i, texts: ['example.txt', 'notes.txt'] },
  { pattern: /location|city|place|town/i, texts: ['San Francisco, CA', 'Paris, France', 'Oslo, Norway'] },
  { pattern: /country/i, texts: ['Norway', 'Japan', 'Peru'] },
  { pattern: /time_?zone/i, texts: ['Europe/Paris', 'Asia/Tokyo'] },
  { pattern: /date|day/i, texts: ['2025-08-15'] },
  { pattern: /name|author|person/i, texts: ['Alex Example', 'Sam Sample'] },
  { pattern: /phone/i, texts: ['+1 555 0100'] },
  { pattern: /command|script/i, texts: ['echo hello', 'ls'] },
  { pattern: /expression|formula/i, texts: ['1 + 1'] },
  { pattern: /language|locale/i, texts: ['en'] },
  { pattern: /currency/i, texts: ['USD', 'EUR'] },
  { pattern: /unit/i, texts: ['celsius'] },
  { pattern: /colou?r/i, texts: ['blue', 'green'] },
  { pattern: /^tag|categor|label|keyword|genre|type|status/i, texts: ['example', 'offline', 'sample'] },
]

function fitLength(text: string, least: number, most: number, sentence: (name: string) => string): string {
  let fitted = text
  while (fitted.length < least) fitted += ` ${sentence('')}`
  const characters = Array.from(fitted)
  return characters.length <= most
    ? fitted
    : characters.slice(0, most).join('').trimEnd().padEnd(Math.min(least, most), '.')
}

interface Format {
  readonly test: RegExp
  readonly make: (random: Random) => string
}

const formats: ReadonlyMap<string, Format> = new Map(
  Object.entries({
    date: { test: /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/, make: () => '2025-08-15' },
    'date-time': {
      test: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/,
      make: () => '2025-08-15T12:00:00Z',
    },
    time: { test: /^\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/, make: () => '12:00:00Z' },
    duration: { test: /^P\d+[DW]$/, make: () => 'P1D' },
    email: { test: /^[\w.+-]+@[\w-]+(?:\.[\w-]+)+$/, make: () => 'someone@example.com' },
    uri: { test: /^https?:\/\/\S+$/, make: () => 'https://example.com/' },
    'uri-reference': { test: /^[\w./?#&=%:-]+$/, make: () => '/example' },
    hostname: { test: /^[\w-]+(?:\.[\w-]+)+$/, make: () => 'example.com' },
    'json-pointer': { test: /^(?:\/[\w-]+)*$/, make: () => '/example' },
    regex: { test: /^[\w^$.]+$/, make: () => '^example$' },
    ipv4: { test: /^\d{1,3}(?:\.\d{1,3}){3}$/, make: (random) => `192.0.2.${1 + random.below(254)}` },
    ipv6: { test: /^[0-9a-f:]+$/i, make: (random) => `2001:db8::${(1 + random.below(65_534)).toString(16)}` },
    uuid: { test: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, make: makeUuid },
  }),
)

function makeUuid(random: Random): string {
  return 'xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx'.replaceAll('x', () => random.below(16).toString(16))
}

function compile(pattern: string): RegExp | null {
  try {
    return new RegExp(pattern, 'u')
  } catch {
    return null
  }
}

/** A pattern that repeats this often would make a text without end. */
const longRepeat = /\{\d*,?\d{4,}/

function generate(schema: Schema, random: Random): string {
  if (typeof schema['pattern'] === 'string' && longRepeat.test(schema['pattern'])) return ''
  try {
    return String(generateSync(schema, { seed: random.below(2 ** 31) }))
  } catch {
    // A pattern that the library cannot read has no value that we know of.
    return ''
  }
}
