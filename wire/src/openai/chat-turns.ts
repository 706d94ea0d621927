import { isRawNumber, parseExactJson } from '../converse/exact-json.ts'
import { isRecord } from '../body/json-value.ts'
import type { Problem } from '../messages/shape.ts'
import type { ChatCalledFunction, ChatPart, ChatTurn } from './chat-request.ts'

export type JsonBody = Readonly<Record<string, unknown>>

export type TranslatedTurns =
  | { readonly ok: true; readonly system: string; readonly messages: readonly JsonBody[] }
  | { readonly ok: false; readonly problem: Problem }

/**
 * System and developer turns move to the front, joined by a line break. Consecutive turns of one role become
 * one message, so that the results of parallel calls precede the user's text in one message.
 */
export function translateTurns(turns: readonly ChatTurn[]): TranslatedTurns {
  const system: string[] = []
  const messages: { readonly role: 'user' | 'assistant'; readonly content: JsonBody[] }[] = []
  const add = (role: 'user' | 'assistant', blocks: readonly JsonBody[]): void => {
    const last = messages.at(-1)
    if (last?.role === role) last.content.push(...blocks)
    else messages.push({ role, content: [...blocks] })
  }
  let functionCalls = 0
  for (const [index, turn] of turns.entries()) {
    const path = `messages.${index}`
    switch (turn.role) {
      case 'system':
      case 'developer':
        system.push(getText(turn.content))
        break
      case 'user':
        add('user', userBlocks(turn.content))
        break
      case 'assistant': {
        if (turn.function_call) functionCalls += 1
        const calls = listCalls(turn, functionCalls)
        const bad = calls.findIndex((call) => call.input === undefined)
        if (bad >= 0)
          return fail(`${path}.tool_calls.${bad}.function.arguments`, 'Input should be a JSON object')
        add('assistant', [...textBlocks(turn.content), ...calls])
        break
      }
      case 'tool':
        if (!turn.tool_call_id) return fail(`${path}.tool_call_id`, 'Field required')
        add('user', [resultBlock(turn.tool_call_id, turn.content)])
        break
      case 'function':
        add('user', [resultBlock(functionCallId(functionCalls), turn.content)])
        break
    }
  }
  return { ok: true, system: system.join('\n'), messages: messages.map(shorten) }
}

/** Writes a message of one text as a string, the common short form. */
function shorten({
  role,
  content,
}: {
  readonly role: string
  readonly content: readonly JsonBody[]
}): JsonBody {
  const [only] = content
  const isText = content.length === 1 && only?.['type'] === 'text'
  return { role, content: isText ? only['text'] : content }
}

function getText(content: ChatTurn['content']): string {
  if (typeof content === 'string') return content
  return (content ?? []).map((part) => (part.type === 'text' ? (part.text ?? '') : '')).join('')
}

function textBlocks(content: ChatTurn['content']): readonly JsonBody[] {
  const text = getText(content)
  return text === '' ? [] : [{ type: 'text', text }]
}

/** Audio and file parts are ignored, as the API does; so is the detail of an image. */
function userBlocks(content: ChatTurn['content']): readonly JsonBody[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  return (content ?? []).flatMap(userBlock)
}

function userBlock({ type, text, image_url: image }: ChatPart): readonly JsonBody[] {
  if (type === 'text') return [{ type: 'text', text: text ?? '' }]
  return type === 'image_url' && image ? [{ type: 'image', source: imageSource(image.url) }] : []
}

function imageSource(url: string): JsonBody {
  const comma = url.indexOf(',')
  const [, mediaType] = /^data:([^;,]+);base64$/i.exec(url.slice(0, Math.max(0, comma))) ?? []
  return mediaType === undefined
    ? { type: 'url', url }
    : { type: 'base64', media_type: mediaType, data: url.slice(comma + 1) }
}

function listCalls(turn: ChatTurn, functionCalls: number): readonly JsonBody[] {
  const calls = (turn.tool_calls ?? []).map((call) => callBlock(call.id, call.function))
  return turn.function_call ? [...calls, callBlock(functionCallId(functionCalls), turn.function_call)] : calls
}

function callBlock(id: string, called: ChatCalledFunction): JsonBody {
  return { type: 'tool_use', id, name: called.name, input: parseArguments(called.arguments) }
}

/** The older form of a call has no id; its result is matched by position. */
function functionCallId(count: number): string {
  return `call_function_${count}`
}

function resultBlock(id: string, content: ChatTurn['content']): JsonBody {
  return { type: 'tool_result', tool_use_id: id, content: getText(content) }
}

/** Returns undefined if the arguments of a call are not an object. */
function parseArguments(text: string): JsonBody | undefined {
  if (text.trim() === '') return {}
  const value = parseExactJson(text)
  return isRecord(value) && !isRawNumber(value) ? value : undefined
}

function fail(path: string, message: string): TranslatedTurns {
  return { ok: false, problem: { path, message } }
}
