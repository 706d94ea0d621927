import { hash } from 'node:crypto'

import type { SqlValue } from '../database.ts'

/** A statement in PostgreSQL's form, with a name under which a connection keeps it prepared. */
export interface PostgresStatement {
  readonly name: string
  readonly text: string
  readonly values: readonly string[]
}

/**
 * Replaces the placeholders `?` outside of quotes and comments by `$1`, `$2`. Each gets the type of its value, because
 * PostgreSQL cannot infer it in places such as `? IS NULL`; null is written as a literal for the same reason.
 */
export function toPostgresStatement(sql: string, values: readonly SqlValue[]): PostgresStatement {
  const types = values.map(getTypeLetter).join('')
  const cacheKey = `${types} ${sql}`
  let statement = statements.get(cacheKey)
  if (statement === undefined) {
    const text = translate(sql, types)
    statement = { name: `anthology_${hash('sha256', text).slice(0, 24)}`, text }
    if (statements.size >= maxStatements) statements.clear()
    statements.set(cacheKey, statement)
  }
  return { ...statement, values: values.flatMap((value) => (value === null ? [] : [toPostgresText(value)])) }
}

/** PostgreSQL has no NUL character in text; every other value is stored as it is. */
export function toPostgresText(value: string | number | bigint): string {
  const text = String(value)
  return text.includes('\0') ? text.replaceAll('\0', '\uFFFD') : text
}

/** Quoted texts, quoted names and comments, then the placeholder. */
const tokens = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\?/g

function translate(sql: string, types: string): string {
  let index = 0
  let bound = 0
  const text = sql.replaceAll(tokens, (token) => {
    if (token !== '?') return token
    const type = types[index]
    index += 1
    if (type === undefined) throw new TypeError(`the statement has more placeholders than values: ${sql}`)
    if (type === 'n') return 'NULL'
    bound += 1
    return type === 't' ? `$${bound}::text` : `$${bound}::bigint`
  })
  if (index < types.length) throw new TypeError(`the statement has fewer placeholders than values: ${sql}`)
  return text
}

function getTypeLetter(value: SqlValue): 'n' | 't' | 'i' {
  if (value === null) return 'n'
  return typeof value === 'string' ? 't' : 'i'
}

const statements = new Map<string, Pick<PostgresStatement, 'name' | 'text'>>()
const maxStatements = 500
