import { isRecord } from '@anthology/wire'

import { createSentences } from '../generate/templates.ts'
import { createExcerpt, findTopic } from '../generate/excerpt.ts'
import { createRandom, computeFingerprint } from '../random.ts'
import type { Random } from '../random.ts'
import { createHintPicker } from './hint-picker.ts'
import type { Hint } from './hints.ts'
import type { SchemaChecker } from './schema-check.ts'
import type { Schema } from './json-schema.ts'
import { makeValue, maxValues } from './schema-value.ts'

/** The context that an input is generated for. */
export interface GenerationContext {
  readonly question: string
  readonly hints: readonly Hint[]
  /** The offset in the question that the input refers to. */
  readonly anchor: number
  readonly fingerprint: string
}

/**
 * Generates a value that satisfies the schema, with values from the question if they fit. Deterministic in the context.
 * The value is built from the structure of the schema, with retries until a validator accepts it, because the structure
 * does not cover `not` or overlapping `oneOf`. If no attempt is valid, the first one is returned. A general-purpose
 * generator is not used, because a client's schema could make it run forever.
 */
export function makeSchemaValue(schema: Schema, context: GenerationContext, checker: SchemaChecker): unknown {
  let first: unknown
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const value = build(schema, context, attempt)
    if (checker.test(schema, value) !== false) return value
    if (attempt === 0) first = value
  }
  return first
}

const attempts = 16

function build(schema: Schema, context: GenerationContext, attempt: number): unknown {
  const { question, hints, anchor } = context
  const random = createContextRandom(context, String(attempt))
  // The second half of the attempts ignores the hints, in case they are the reason for the failure.
  const names = listPropertyNames(schema)
  const picker = createHintPicker(attempt < attempts / 2 ? hints : [], { anchor, question, names })
  const sentences = createSentences(findTopic(question), random)
  const sentence = (name: string): string => {
    const excerpt = suitsQuestion.test(name) ? createExcerpt(question, maxExcerptLength) : ''
    return excerpt === '' ? sentences.next() : excerpt
  }
  const left = { values: maxValues }
  return makeValue(schema, {
    root: schema,
    hints: picker,
    random,
    question: question.toLowerCase(),
    sentence,
    left,
  })
}

/** Lists the names of all properties at any depth of the schema. */
function listPropertyNames(schema: Schema): readonly string[] {
  const names = new Set<string>()
  const open: unknown[] = [schema]
  for (let seen = 0; open.length > 0 && seen < maxVisited; seen += 1) {
    const next = open.pop()
    if (typeof next !== 'object' || next === null) continue
    if ('properties' in next && isRecord(next.properties))
      for (const name of Object.keys(next.properties)) names.add(name)
    for (const member of Object.values(next)) open.push(member)
  }
  return [...names]
}

const maxVisited = 2_000

/** The names of properties that the user's own words suit. */
const suitsQuestion = /query|question|prompt|request|topic|task|title|subject|input|^text$|^q$/i
const maxExcerptLength = 120

function createContextRandom({ fingerprint }: GenerationContext, purpose: string): Random {
  return createRandom(computeFingerprint(fingerprint, purpose))
}
