import { isRecord, parseJson, readRecord, readText } from '@anthology/wire'

import type { RecordedResponse } from '../cassette.ts'
import { listItems } from '../requests/conversation.ts'
import { listDeltas } from '../responses/deltas.ts'
import { readEventJson } from '../responses/redact-events.ts'

/** The content of an answer without ids, times and counts, which differ in every answer. */
export interface AnswerSummary {
  readonly status: number
  readonly stop_reason: string | null
  readonly text: string
  readonly tool_calls: readonly { readonly name: string; readonly input: unknown }[]
  /** The error, or a body that is no message. */
  readonly other: unknown
}

/** Summarizes an answer in the form of Messages, Converse or Chat Completions, whole or streamed. */
export function summarizeAnswer(response: RecordedResponse): AnswerSummary {
  const { status, body, base64, events } = response
  if (events !== undefined)
    return summarizeEvents(
      status,
      events.map((event) => parseJson(readEventJson(event) ?? '')),
    )
  const value = parseJson(body ?? '')
  const blocks = findBlocks(value)
  if (status >= 400 || blocks === null)
    return { ...empty, status, other: dropVolatile(value) ?? body ?? base64 }
  return {
    status,
    stop_reason: findStop(value),
    text: blocks.flatMap((block) => readText(block, 'text') ?? []).join(''),
    tool_calls: blocks.flatMap((block) => readCall(block) ?? []),
    other: null,
  }
}

const empty = { stop_reason: null, text: '', tool_calls: [], other: null } as const

function summarizeEvents(status: number, events: readonly unknown[]): AnswerSummary {
  const texts = new Map<string, string>()
  const names: string[] = []
  let stop: string | null = null
  let error: unknown = null
  for (const event of events) {
    for (const { channel, text } of listDeltas(event)) texts.set(channel, (texts.get(channel) ?? '') + text)
    names.push(...listCallNames(event))
    stop = findStop(event) ?? stop
    if (isRecord(event) && event['error'] !== undefined) ({ error } = event)
  }
  const select = (kind: RegExp): readonly string[] =>
    [...texts].flatMap(([channel, text]) => (kind.test(channel) ? text : []))
  const inputs = select(/partial_json$|input$|arguments$/)
  return {
    status,
    stop_reason: stop,
    text: select(/ delta\.(?:text|content)$/).join(''),
    tool_calls: names.map((name, index) => ({ name, input: parseJson(inputs[index] ?? '') ?? {} })),
    other: error,
  }
}

function findBlocks(value: unknown): readonly unknown[] | null {
  if (!isRecord(value)) return null
  if (Array.isArray(value['content'])) return value['content']
  const converse = readRecord(readRecord(value, 'output'), 'message')
  if (converse !== null) return listItems(converse['content'])
  const message = readRecord(listItems(value['choices'])[0], 'message')
  if (message === null) return null
  return [{ text: message['content'] }, ...listItems(message['tool_calls'])]
}

function readCall(block: unknown): AnswerSummary['tool_calls'][number] | null {
  if (!isRecord(block)) return null
  if (block['type'] === 'tool_use') return { name: readText(block, 'name') ?? '', input: block['input'] }
  const use = readRecord(block, 'toolUse')
  if (use !== null) return { name: readText(use, 'name') ?? '', input: use['input'] }
  const called = readRecord(block, 'function')
  if (called === null) return null
  return { name: readText(called, 'name') ?? '', input: parseJson(readText(called, 'arguments') ?? '') }
}

function listCallNames(event: unknown): readonly string[] {
  const block = readRecord(event, 'content_block')
  if (block?.['type'] === 'tool_use') return [readText(block, 'name') ?? '']
  const use = readRecord(readRecord(event, 'start'), 'toolUse')
  if (use !== null) return [readText(use, 'name') ?? '']
  const choices = isRecord(event) ? listItems(event['choices']) : []
  return choices
    .flatMap((choice) => listItems(readRecord(choice, 'delta')?.['tool_calls']))
    .flatMap((call) => readText(readRecord(call, 'function'), 'name') ?? [])
}

function findStop(value: unknown): string | null {
  const [choice] = isRecord(value) ? listItems(value['choices']) : []
  return (
    readText(value, 'stop_reason') ??
    readText(readRecord(value, 'delta'), 'stop_reason') ??
    readText(value, 'stopReason') ??
    readText(choice, 'finish_reason')
  )
}

const volatileMembers: ReadonlySet<string> = new Set(['id', 'request_id', 'created', 'created_at'])

function dropVolatile(value: unknown): unknown {
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).filter(([name]) => !volatileMembers.has(name)))
}
