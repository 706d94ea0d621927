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

/** What an input is made for. */
export interface GenerationContext {
  readonly question: string
  readonly hints: readonly Hint[]
  /** Where the question names what the input is for. */
  readonly anchor: number
  readonly fingerprint: string
}

/**
 * A value that satisfies the schema, with what the question says where that fits: the same for the same
 * occasion. It is built from the structure, again in other ways until a validator takes it, for what no
 * structure shows (`not`, `oneOf` of what overlaps) is up to chance. Where nothing satisfies the schema, the
 * first try is as good as any. A general generator is not asked: a client's schema may make it run for ever.
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
  // What the question says may be what does not fit.
  const names = namesIn(schema)
  const picker = createHintPicker(attempt < attempts / 2 ? hints : [], { anchor, question, names })
  const sentences = createSentences(findTopic(question), random)
  const sentence = (name: string): string => {
    const excerpt = asksForQuestion.test(name) ? createExcerpt(question, maxExcerptLength) : ''
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

/** The names of all properties, wherever in the schema they stand. */
function namesIn(schema: Schema): readonly string[] {
  const names = new Set<string>()
  const open: unknown[] = [schema]
  for (let seen = 0; open.length > 0 && seen < maxLooks; seen += 1) {
    const next = open.pop()
    if (typeof next !== 'object' || next === null) continue
    if ('properties' in next && isRecord(next.properties))
      for (const name of Object.keys(next.properties)) names.add(name)
    for (const member of Object.values(next)) open.push(member)
  }
  return [...names]
}

const maxLooks = 2_000

/** Names of what the user's own words answer. */
const asksForQuestion = /query|question|prompt|request|topic|task|title|subject|input|^text$|^q$/i
const maxExcerptLength = 120

function createContextRandom({ fingerprint }: GenerationContext, purpose: string): Random {
  return createRandom(computeFingerprint(fingerprint, purpose))
}
