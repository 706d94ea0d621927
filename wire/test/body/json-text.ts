import * as fc from 'fast-check'

/** JSON text of random objects as unusual but valid clients print them: with any whitespace and any escapes. */
export const randomJsonText: fc.Arbitrary<string> = fc
  .tuple(fc.dictionary(memberName(), value(), { maxKeys: 8 }), fc.infiniteStream(fc.nat({ max: 99 })))
  .map(([object, choices]) => printObject(object, () => choices.next().value ?? 0))

/**
 * No name contains a backslash: once V8 has read one that does, it may mistake an escaped name in a similar
 * object for it ("JSON.parse returns unexpected keys after decoding specified JSON key" in Node's tracker),
 * and these tests rely on JSON.parse.
 */
function memberName(): fc.Arbitrary<string> {
  const names = fc.constantFrom('model', 'stream', 'max_tokens', 'messages', '__proto__', '')
  return fc.oneof(
    names,
    text().filter((name) => !name.includes('\\')),
  )
}

function value(): fc.Arbitrary<unknown> {
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 3 },
      text(),
      fc.constantFrom<unknown>(null, true, false, 0, -1.5e-7, 2 ** 53),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.array(tie('tree'), { maxLength: 3 }),
      fc.dictionary(memberName(), tie('tree'), { maxKeys: 3 }),
    ),
  }))
  return tree
}

function text(): fc.Arbitrary<string> {
  const lookalikes = fc.constantFrom(
    '","model":"dear',
    '\\',
    '\\"',
    '{"model":1}',
    '}',
    '\u{feff}',
    '\u{2028}',
  )
  return fc.oneof(lookalikes, fc.string({ unit: 'binary', maxLength: 12 }), fc.string({ maxLength: 12 }))
}

type Choose = () => number

function printObject(object: object, choose: Choose): string {
  // Names at the top level are printed without escapes, because an escaped one may be rejected.
  const members = Object.entries(object).map(
    ([name, inner]: [string, unknown]) =>
      space(choose) + JSON.stringify(name) + space(choose) + ':' + print(inner, choose),
  )
  return `${space(choose)}{${members.join(',') || space(choose)}}${space(choose)}`
}

function print(inner: unknown, choose: Choose): string {
  return space(choose) + printBare(inner, choose) + space(choose)
}

function printBare(inner: unknown, choose: Choose): string {
  if (typeof inner === 'string') return printText(inner, choose)
  if (Array.isArray(inner)) return `[${inner.map((item) => print(item, choose)).join(',')}]`
  if (typeof inner !== 'object' || inner === null) return JSON.stringify(inner)
  const members = Object.entries(inner).map(
    ([name, item]: [string, unknown]) => printText(name, choose) + ':' + print(item, choose),
  )
  return `{${members.join(',')}}`
}

function printText(plain: string, choose: Choose): string {
  const chars = Array.from(plain, (char) =>
    choose() < 20 ? unicodeEscape(char) : JSON.stringify(char).slice(1, -1),
  )
  return `"${chars.join('')}"`
}

/** A character outside the basic multilingual plane becomes two escapes. */
function unicodeEscape(char: string): string {
  return char
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('')
}

function space(choose: Choose): string {
  const choice = choose()
  return choice < 70 ? '' : choice < 80 ? ' ' : choice < 88 ? '\n' : choice < 95 ? '\t\r\n' : '    '
}
