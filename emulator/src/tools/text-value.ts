import { generateSync } from 'json-schema-faker'

import type { Random } from '../random.ts'
import type { Schema } from './json-schema.ts'
import type { GenerateState } from './generate-state.ts'

/** Returns a text from the question if one fits, else one that suits the property's name. */
export function makeText(schema: Schema, { hints, random, sentence }: GenerateState, name: string): string {
  const { pattern, format = null } = schema
  const minLength = typeof schema['minLength'] === 'number' ? Math.min(schema['minLength'], maxTextLength) : 0
  const maxLength =
    typeof schema['maxLength'] === 'number'
      ? Math.max(0, Math.min(schema['maxLength'], maxTextLength))
      : maxTextLength
  const expression = typeof pattern === 'string' ? compile(pattern) : null
  const knownFormat = typeof format === 'string' ? formats.get(format) : undefined
  const fits = (text: string): boolean => {
    const { length } = Array.from(text)
    const isLongEnough = length >= minLength && length <= maxLength
    return isLongEnough && (expression?.test(text) ?? true) && (knownFormat?.test.test(text) ?? true)
  }
  const hinted = hints.text(name, fits, getHintName(name, format))
  if (hinted !== null) return hinted
  const made =
    knownFormat?.make(random) ??
    fitLength(createPlainText(name, random, sentence), minLength, maxLength, sentence)
  if (fits(made)) return made
  const rules = { ...(pattern !== undefined && { pattern }), ...(format !== null && { format }) }
  return generateFromPattern({ type: 'string', ...rules, minLength, maxLength }, random)
}

const maxTextLength = 10_000

/** A format is more specific than the property's name. */
function getHintName(name: string, format: unknown): string {
  if (format === 'uri' || format === 'email' || format === 'date') return format
  return format === 'time' || format === 'date-time' ? 'time' : name
}

function createPlainText(name: string, random: Random, sentence: (name: string) => string): string {
  const words = plainTexts.find(({ pattern }) => pattern.test(name))?.texts
  if (words) return random.pick(words)
  return /^$|id$|key$|code$|token$/i.test(name) ? `example-${100 + random.below(900)}` : sentence(name)
}

/** Example values that are recognizably fictional. */
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

function fitLength(
  text: string,
  minLength: number,
  maxLength: number,
  sentence: (name: string) => string,
): string {
  let fitted = text
  while (fitted.length < minLength) fitted += ` ${sentence('')}`
  const characters = Array.from(fitted)
  return characters.length <= maxLength
    ? fitted
    : characters.slice(0, maxLength).join('').trimEnd().padEnd(Math.min(minLength, maxLength), '.')
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

/** A pattern with such a repeat count would generateFromPattern an extremely long text. */
const longRepeat = /\{\d*,?\d{4,}/

function generateFromPattern(schema: Schema, random: Random): string {
  if (typeof schema['pattern'] === 'string' && longRepeat.test(schema['pattern'])) return ''
  try {
    return String(generateSync(schema, { seed: random.below(2 ** 31) }))
  } catch {
    // The library cannot parse the pattern.
    return ''
  }
}
