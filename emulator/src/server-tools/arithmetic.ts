/** The output of Python's `print` for an expression, or its error; null if it is not plain arithmetic. */
export type Evaluated = { readonly text: string } | { readonly error: string } | null

/** An integer, limited only in size, or a float, which is written with a point, as in Python. */
type Value = bigint | number

/** Evaluates numbers and `+ - * / ** % ( )` by the rules of Python. */
export function evaluate(source: string): Evaluated {
  if (source.length > maxSourceLength) return null
  const tokens = source.match(/\d+(?:\.\d+)?|\*\*|[-+*/%()]|\S/g) ?? []
  const reader: Reader = { tokens, at: 0, depth: 0 }
  try {
    const value = readSum(reader)
    return reader.at < tokens.length ? null : { text: show(value) }
  } catch (error) {
    if (error instanceof Failure) return { error: error.message }
    if (error instanceof NotArithmetic) return null
    throw error
  }
}

const maxSourceLength = 500
const maxDepth = 50
const maxBits = 4_000

class Failure extends Error {}
class NotArithmetic extends Error {}

interface Reader {
  readonly tokens: readonly string[]
  at: number
  depth: number
}

function readSum(reader: Reader): Value {
  let value = readProduct(reader)
  for (let sign = reader.tokens[reader.at]; sign === '+' || sign === '-'; sign = reader.tokens[reader.at]) {
    reader.at += 1
    value = apply(sign, value, readProduct(reader))
  }
  return value
}

function readProduct(reader: Reader): Value {
  let value = readSigned(reader)
  for (let sign = reader.tokens[reader.at]; isProductSign(sign); sign = reader.tokens[reader.at]) {
    reader.at += 1
    value = apply(sign, value, readSigned(reader))
  }
  return value
}

function isProductSign(sign: string | undefined): sign is '*' | '/' | '%' {
  return sign === '*' || sign === '/' || sign === '%'
}

/** A sign has lower precedence than a power to its right. */
function readSigned(reader: Reader): Value {
  const sign = reader.tokens[reader.at]
  reader.depth += 1
  if (reader.depth > maxDepth) throw new NotArithmetic()
  let value: Value
  if (sign === '-' || sign === '+') {
    reader.at += 1
    value = readSigned(reader)
    if (sign === '-') value = -value
  } else value = readPower(reader)
  reader.depth -= 1
  return value
}

function readPower(reader: Reader): Value {
  const base = readAtom(reader)
  if (reader.tokens[reader.at] !== '**') return base
  reader.at += 1
  return apply('**', base, readSigned(reader))
}

function readAtom(reader: Reader): Value {
  const token = reader.tokens[reader.at] ?? ''
  reader.at += 1
  if (/^\d+$/.test(token)) return BigInt(token)
  if (/^\d/.test(token)) return Number(token)
  if (token !== '(') throw new NotArithmetic()
  const value = readSum(reader)
  if (reader.tokens[reader.at] !== ')') throw new NotArithmetic()
  reader.at += 1
  return value
}

type Sign = '+' | '-' | '*' | '/' | '%' | '**'

function apply(sign: Sign, one: Value, other: Value): Value {
  if ((sign === '/' || sign === '%') && Number(other) === 0)
    throw new Failure(`ZeroDivisionError: ${zeroTexts[sign]}`)
  if (typeof one === 'bigint' && typeof other === 'bigint') return applyWhole(sign, one, other)
  return finite(applyFloat(sign, Number(one), Number(other)))
}

const zeroTexts = { '/': 'division by zero', '%': 'modulo by zero' } as const

function applyWhole(sign: Sign, one: bigint, other: bigint): Value {
  switch (sign) {
    case '+':
      return one + other
    case '-':
      return one - other
    case '*':
      return bounded(one * other)
    case '/':
      return finite(Number(one) / Number(other))
    case '%':
      return ((one % other) + other) % other
    case '**': {
      if (other < 0n) return finite(applyFloat(sign, Number(one), Number(other)))
      const bits = BigInt(one.toString(2).length) * other
      if (bits > BigInt(maxBits)) throw new NotArithmetic()
      return one ** other
    }
  }
}

function bounded(value: bigint): bigint {
  if (value.toString(16).length * 4 > maxBits) throw new NotArithmetic()
  return value
}

function applyFloat(sign: Sign, one: number, other: number): number {
  switch (sign) {
    case '+':
      return one + other
    case '-':
      return one - other
    case '*':
      return one * other
    case '/':
      return one / other
    case '%':
      return ((one % other) + other) % other
    case '**':
      if (one === 0 && other < 0)
        throw new Failure('ZeroDivisionError: 0.0 cannot be raised to a negative power')
      return one ** other
  }
}

/** A float that overflows is no result here: the caller answers as for an expression that is not arithmetic. */
function finite(value: number): number {
  if (!Number.isFinite(value)) throw new NotArithmetic()
  return value
}

/** Formats as Python does: floats with a point, and with an exponent from 1e16 on and below 1e-4. */
function show(value: Value): string {
  if (typeof value === 'bigint') return String(value)
  if (Object.is(value, -0)) return '-0.0'
  const size = Math.abs(value)
  if (value !== 0 && (size >= 1e16 || size < 1e-4))
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2')
  return Number.isInteger(value) ? `${value}.0` : String(value)
}
