import { isRecord, parseJson, readRecord } from '@anthology/wire'

import type { Schema } from '../tools/json-schema.ts'

export interface PromptedSchema {
  readonly schema: Schema
  /** The text without its schemas and examples of them. */
  readonly rest: string
}

/**
 * Finds the JSON schema that a prompt tells the model to answer in, as libraries do for models and tools without
 * structured outputs: "JSON schema: {…} You MUST answer with only a JSON object" (AI SDK), "respond with a JSON object
 * that's compatible with this schema: {…}" (Pydantic AI), "Here is the output schema: {…}" (LangChain). The last one
 * counts, because the instructions may begin with an example.
 */
export function findPromptedSchema(text: string): PromptedSchema | null {
  if (!/\bjson\b/i.test(text)) return null
  let schema: Schema | null = null
  let rest = ''
  let end = 0
  for (const { index, 0: lead } of [...text.matchAll(introduction)].slice(0, maxMentions)) {
    const start = index + lead.length - 1
    const stop = findEnd(text, start)
    // Inside the schema before, or without an end.
    if (start < end || stop === null) continue
    const value = parseJson(text.slice(start, stop))
    if (!isRecord(value) || readRecord(value, 'properties') === null) continue
    rest += text.slice(end, start)
    end = stop
    const around = text.slice(Math.max(0, start - wordsChars), start) + text.slice(stop, stop + wordsChars)
    if (instruction.test(around)) schema = value
  }
  return schema && { schema, rest: rest + text.slice(end) }
}

const introduction = /schema[^{}]{0,120}\{/gi
const instruction = /\b(?:respond|answer|output|return|provide|format|adhere|conform)\b/i
const maxMentions = 20
const wordsChars = 200
const maxSchemaChars = 20_000

/** The offset behind the object that begins at `start`; null if it has no end, or is too long for an instruction. */
function findEnd(text: string, start: number): number | null {
  let depth = 0
  let isQuoted = false
  for (let at = start; at < Math.min(text.length, start + maxSchemaChars); at += 1) {
    const char = text[at]
    if (char === '\\' && isQuoted) at += 1
    else if (char === '"') isQuoted = !isQuoted
    else if (char === '{' && !isQuoted) depth += 1
    else if (char === '}' && !isQuoted && (depth -= 1) === 0) return at + 1
  }
  return null
}
