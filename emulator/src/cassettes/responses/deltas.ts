import { isRecord, readRecord, readText } from '@anthology/wire'
import type { JsonObject } from '@anthology/wire'

/** A piece of a text that a stream sends in several events. */
export interface Delta {
  /** Pieces with the same channel belong to one text. */
  readonly channel: string
  readonly text: string
  /** The members that lead to the piece in its event. */
  readonly path: readonly (string | number)[]
}

/** Lists the pieces of texts in one event of a stream, in the forms of Messages, Converse and Chat Completions. */
export function listDeltas(event: unknown): readonly Delta[] {
  if (!isRecord(event)) return []
  if (Array.isArray(event['choices'])) return event['choices'].flatMap(listChoiceDeltas)
  const delta = readRecord(event, 'delta')
  if (delta === null) return []
  const block = readIndex(event, 'index') ?? readIndex(event, 'contentBlockIndex') ?? ''
  return [
    ...listTexts(delta, ['text', 'partial_json', 'thinking'], block, ['delta']),
    ...listTexts(readRecord(delta, 'toolUse'), ['input'], block, ['delta', 'toolUse']),
    ...listTexts(readRecord(delta, 'reasoningContent'), ['text'], block, ['delta', 'reasoningContent']),
  ]
}

function listChoiceDeltas(choice: unknown, position: number): readonly Delta[] {
  const delta = readRecord(choice, 'delta')
  if (delta === null) return []
  const path = ['choices', position, 'delta']
  const index = readIndex(choice, 'index') ?? String(position)
  const calls: readonly unknown[] = Array.isArray(delta['tool_calls']) ? delta['tool_calls'] : []
  return [
    ...listTexts(delta, ['content', 'reasoning_content', 'refusal'], index, path),
    ...calls.flatMap((call, at) => {
      const name = `${index}.${readIndex(call, 'index') ?? at}`
      return listTexts(readRecord(call, 'function'), ['arguments'], name, [
        ...path,
        'tool_calls',
        at,
        'function',
      ])
    }),
  ]
}

function readIndex(value: unknown, name: string): string | null {
  const index = isRecord(value) ? value[name] : undefined
  return typeof index === 'number' ? String(index) : null
}

function listTexts(
  value: JsonObject | null,
  names: readonly string[],
  block: string,
  path: readonly (string | number)[],
): readonly Delta[] {
  return names.flatMap((name) => {
    const text = readText(value, name)
    return text === null
      ? []
      : { channel: `${block} ${[...path.slice(-1), name].join('.')}`, text, path: [...path, name] }
  })
}

/** Returns a copy of a JSON value with another text at the place of a piece. */
export function replaceText(value: unknown, [name, ...rest]: Delta['path'], text: string): unknown {
  if (name === undefined) return text
  if (Array.isArray(value))
    return value.map((item, index) => (index === name ? replaceText(item, rest, text) : item))
  if (!isRecord(value)) return value
  return { ...value, [name]: replaceText(value[name], rest, text) }
}
