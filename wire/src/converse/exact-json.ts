import { isRecord, parseJson } from '../body/json-value.ts'

/**
 * Parses JSON and keeps the text of every number that a double cannot represent, such as an id of twenty
 * digits in a tool input: the number becomes a raw value that `JSON.stringify` prints unchanged. Returns
 * undefined, which is no JSON value, if the text is not JSON. The cost is linear: a reviver for each value would
 * cost thirty times `JSON.parse`.
 */
export function parseExactJson(text: string): unknown {
  const numbers: number[] = []
  findInexactNumbers(text, numbers, 0, text.length)
  if (numbers.length === 0) return parseJson(text)
  const steps = parseWithNumbers(text, numbers)
  for (;;) {
    const step = steps.next()
    if (step.done === true) return step.value
  }
}

/** As `parseExactJson`, in short steps: a body of megabytes takes longer than a server may stop for it. */
export function* parseExactJsonInSteps(text: string): Generator<undefined, unknown> {
  const numbers: number[] = []
  for (let at = 0; at < text.length; yield) at = findInexactNumbers(text, numbers, at, at + stepLength)
  return numbers.length === 0 ? parseJson(text) : yield* parseWithNumbers(text, numbers)
}

/** Characters that are searched in one step. */
const stepLength = 1_000

/** Numbers that are kept in one step. */
const stepNumbers = 20

/** `numbers` are the offsets of those that a double does not represent. */
function* parseWithNumbers(text: string, numbers: readonly number[]): Generator<undefined, unknown> {
  const toRaw = rawJson.rawJSON
  if (toRaw === undefined) return parseJson(text)
  try {
    // A malformed number throws here. Behind the marks, its error would be hidden.
    const raw: unknown[] = []
    for (let at = 0; at < numbers.length; at += 2) {
      raw.push(toRaw(text.slice(numbers[at], numbers[at + 1])))
      if (raw.length % stepNumbers === 0) yield
    }
    // Each such number is parsed as a marked string with its index. No client can guess the mark.
    const mark = `number ${Math.random()} `
    return restoreNumbers(JSON.parse(markNumbers(text, numbers, `"${mark}`)), raw, mark)
  } catch {
    return undefined
  }
}

/**
 * Adds the start and the end of each such number in a part of the text, one after the other: a list for each would
 * double the time. Returns the offset behind the last token that starts in the part.
 */
function findInexactNumbers(text: string, found: number[], start: number, end: number): number {
  let at = start
  for (; at < end && at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === quote) {
      at = findStringEnd(text, at)
      if (at < 0) return text.length // The text is no JSON.
    } else if (isDigit(code) || code === minus) {
      const numberStart = at
      at = findNumberEnd(text, at)
      if (!isHeld(text, numberStart, at)) found.push(numberStart, at)
      at -= 1
    }
  }
  return at
}

/** The offset of the closing quote, or -1. */
function findStringEnd(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let run = at
    while (run > start + 1 && text.charCodeAt(run - 1) === backslash) run -= 1
    if ((at - run) % 2 === 0) return at
    start = at
  }
  return -1
}

/** Accepts any mix of digits, `.`, `+`, `-`, `e` and `E`. A malformed number is left to the parser. */
function findNumberEnd(text: string, start: number): number {
  for (let at = start + 1; ; at += 1) {
    const code = text.charCodeAt(at)
    const isInside =
      isDigit(code) || code === point || code === plus || code === minus || (code | 0x20) === letterE
    if (!isInside) return at
  }
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39
}

const quote = 0x22
const minus = 0x2d
const plus = 0x2b
const point = 0x2e
const letterE = 0x65
const backslash = 0x5c

function markNumbers(text: string, numbers: readonly number[], mark: string): string {
  let marked = ''
  let from = 0
  for (let at = 0; at < numbers.length; at += 2) {
    marked += text.slice(from, numbers[at]) + mark + at / 2 + '"'
    from = numbers[at + 1] ?? text.length
  }
  return marked + text.slice(from)
}

/** Replaces each marked string by its raw number, in place. */
function restoreNumbers(root: unknown, raw: readonly unknown[], mark: string): unknown {
  const restore = (value: unknown): unknown =>
    typeof value === 'string' && value.startsWith(mark) ? raw[Number(value.slice(mark.length))] : value
  const pending: unknown[] = [root]
  while (pending.length > 0) {
    const container = pending.pop()
    if (typeof container !== 'object' || container === null) continue
    if (Array.isArray(container)) {
      for (let index = 0; index < container.length; index += 1) {
        const value: unknown = container[index]
        if (typeof value === 'object') pending.push(value)
        else container[index] = restore(value)
      }
      continue
    }
    // Parsed JSON is an object with own members only, which is written by its keys.
    const members = container as Record<string, unknown>
    for (const name of Object.keys(members)) {
      const value = members[name]
      if (typeof value === 'object') pending.push(value)
      else if (typeof value === 'string' && value.startsWith(mark)) members[name] = restore(value)
    }
  }
  return restore(root)
}

/** The JSON text of a value, or null if it is nested too deep. */
export function printJson(value: object): string | null {
  try {
    return JSON.stringify(value)
  } catch {
    return null
  }
}

/** Converts a number or a raw number to double precision; null for any other value. */
export function toNumber(value: unknown): number | null {
  if (typeof value === 'number') return value
  return isRecord(value) && isRawNumber(value) ? Number(JSON.stringify(value)) : null
}

/** True for a number whose text was kept. */
export function isRawNumber(value: object): boolean {
  return rawJson.isRawJSON?.(value) === true
}

/** TypeScript's library does not include these yet. A runtime without them parses numbers like `JSON.parse`. */
const rawJson = JSON as { rawJSON?: (text: string) => unknown; isRawJSON?: (value: unknown) => boolean }

/** True if a double represents the number exactly. */
function isHeld(text: string, start: number, end: number): boolean {
  // Up to fifteen digits always survive a double, unless an exponent leaves its range.
  if (end - start < minExponentLength) return true
  const source = text.slice(start, end)
  if (longNumber.test(source)) return false
  const number = toDecimal(source)
  if (number === null) return true
  // A double has at most seventeen significant digits.
  if (number.digits.length > 17) return false
  const value = Number(source)
  if (!Number.isFinite(value)) return false
  const shown = toDecimal(String(value))
  return shown !== null && shown.digits === number.digits && shown.power === number.power
}

/** A number with more digits than a double can have, without an exponent; the usual kind. */
const longNumber = /^-?[1-9][\d.]{18,}[1-9]$/

/** The shortest number out of range: `1e309`. */
const minExponentLength = 5

/** The significant digits of a number and their power of ten, equal for all spellings; null if it is malformed. */
function toDecimal(text: string): { readonly digits: string; readonly power: number } | null {
  const match = decimal.exec(text)
  if (match === null) return null
  const [, whole = '', fraction = '', exponent = '0'] = match
  const all = whole + fraction
  const from = findDigit(all, 0, 1)
  if (from === all.length) return { digits: '', power: 0 }
  const to = findDigit(all, all.length - 1, -1) + 1
  return { digits: all.slice(from, to), power: Number(exponent) - fraction.length + all.length - to }
}

/** The offset of the next digit that is not zero. */
function findDigit(text: string, start: number, step: 1 | -1): number {
  let at = start
  while (at >= 0 && at < text.length && text.charCodeAt(at) === zero) at += step
  return at
}

const decimal = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/
const zero = 0x30
