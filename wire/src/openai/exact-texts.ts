import { createJsonText, listElements, listMembers } from '../body/json-text.ts'
import type { JsonRange, JsonText } from '../body/json-text.ts'
import { isRecord } from '../body/json-value.ts'
import type { ChatRequest } from './chat-request.ts'

/** The texts of schemas and inputs in a body, by the object that was parsed from each. */
export type ExactTexts = ReadonlyMap<object, string>

/** A parsed object as its author wrote it. */
export function getExact(texts: ExactTexts, value: object): JsonText {
  return createJsonText(getExactText(texts, value))
}

export function getExactText(texts: ExactTexts, value: object): string {
  return texts.get(value) ?? JSON.stringify(value)
}

/**
 * Finds the text of every schema, and of every input that is not already JSON in a string. Only their
 * positions are searched, in time proportional to the body.
 */
export function readExactTexts(request: ChatRequest, bytes: Uint8Array): ExactTexts {
  const texts = new Map<object, string>()
  const reading = { bytes, texts }
  const start = bytes.indexOf(openBrace)
  const top = listMembers(bytes, { start, end: bytes.length })
  for (const name of ['tools', 'functions'] as const)
    readEach(reading, request[name], top.get(name), readTool)
  readMember(reading, request, top, ['response_format', 'json_schema', 'schema'])
  for (const name of ['thinking', 'output_config'] as const) readMember(reading, request, top, [name])
  // Most conversations contain no such input, and then their text is not searched.
  if (request.messages.some(hasInput)) readEach(reading, request.messages, top.get('messages'), readTurn)
  return texts
}

interface Reading {
  readonly bytes: Uint8Array
  readonly texts: Map<object, string>
}

type Members = ReadonlyMap<string, JsonRange>

function readEach(
  reading: Reading,
  values: unknown,
  range: JsonRange | undefined,
  read: (reading: Reading, value: Readonly<Record<string, unknown>>, members: Members) => void,
): void {
  if (!Array.isArray(values) || range === undefined) return
  for (const [index, element] of listElements(reading.bytes, range).entries()) {
    const value: unknown = values[index]
    if (isRecord(value)) read(reading, value, listMembers(reading.bytes, element))
  }
}

function readTool(reading: Reading, tool: Readonly<Record<string, unknown>>, members: Members): void {
  readMember(reading, tool, members, ['function', 'parameters'])
  readMember(reading, tool, members, ['parameters'])
  readMember(reading, tool, members, ['input_schema'])
}

function readTurn(reading: Reading, turn: Readonly<Record<string, unknown>>, members: Members): void {
  if (!hasInput(turn)) return
  readEach(reading, turn['content'], members.get('content'), (_, part, inner) =>
    readMember(reading, part, inner, ['input']),
  )
  readEach(reading, turn['tool_calls'], members.get('tool_calls'), (_, call, inner) =>
    readMember(reading, call, inner, ['function', 'arguments']),
  )
  readMember(reading, turn, members, ['function_call', 'arguments'])
}

/** Whether a turn has an input that is an object. */
function hasInput(turn: object): boolean {
  const { content, tool_calls: calls, function_call: call }: Readonly<Record<string, unknown>> = { ...turn }
  return (
    (Array.isArray(content) && content.some((part) => isRecord(part) && isRecord(part['input']))) ||
    (Array.isArray(calls) && calls.some((one) => isRecord(one) && hasArguments(one['function']))) ||
    hasArguments(call)
  )
}

function hasArguments(called: unknown): boolean {
  return isRecord(called) && isRecord(called['arguments'])
}

/** Keeps the text of the object at the end of the path, if there is one. */
function readMember(
  { bytes, texts }: Reading,
  from: object,
  fromMembers: Members,
  path: readonly string[],
): void {
  let value: unknown = from
  let members = fromMembers
  for (const [index, name] of path.entries()) {
    const range = members.get(name)
    value = isRecord(value) ? value[name] : undefined
    if (range === undefined || !isRecord(value)) return
    if (index === path.length - 1) texts.set(value, utf8.decode(bytes.subarray(range.start, range.end)))
    else members = listMembers(bytes, range)
  }
}

const openBrace = 0x7b
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
