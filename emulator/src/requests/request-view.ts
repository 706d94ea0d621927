import { isRecord, parseBedrockPath, parseVertexPath, readRecord, readText } from '@anthology/wire'

import type { SeenRequest } from '../http/fetch.ts'
import { readLastUser } from '../message/last-user.ts'

/** What a request to create a message contains, in the terms of every protocol. */
export interface RequestView {
  /** The model's name as the client wrote it, in the body or in the path; null: the request has none. */
  readonly model: string | null
  readonly system: string
  /** The text of the last user message that has any. */
  readonly lastUser: string
  /** The names of the offered tools. */
  readonly tools: readonly string[]
}

/** Reads what the client sent. A value of another type than the protocol's counts as absent. */
export function readRequestView(request: SeenRequest): RequestView {
  const body = request.json()
  const messages = listRecords(body, 'messages')
  return {
    model: readText(body, 'model') ?? readPathModel(request.path),
    system: [
      readTexts(isRecord(body) ? body['system'] : undefined),
      ...messages.filter(({ role }) => isSystemRole(role)).map(({ content }) => readTexts(content)),
    ]
      .flat()
      .join('\n'),
    lastUser: readLastUser(messages.map(toMessage)),
    tools: [...listRecords(body, 'tools'), ...listRecords(readRecord(body, 'toolConfig'), 'tools')].flatMap(
      readToolName,
    ),
  }
}

function isSystemRole(role: unknown): boolean {
  return role === 'system' || role === 'developer'
}

/** Bedrock and Vertex AI have the model in the path. */
function readPathModel(target: string): string | null {
  const [path = ''] = target.split('?', 1)
  const bedrock = parseBedrockPath(path)
  if (bedrock !== null && 'modelId' in bedrock) return decodeSegment(bedrock.modelId)
  return parseVertexPath(path)?.model ?? null
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

function toMessage({ role, content }: Readonly<Record<string, unknown>>) {
  return {
    role: role === 'user' ? ('user' as const) : ('assistant' as const),
    content: role === 'user' ? readTexts(content).map((text) => ({ type: 'text' as const, text })) : [],
  }
}

/** A text, or the texts of a list of blocks: `{ type: 'text', text }`, in Converse `{ text }`. */
function readTexts(content: unknown): readonly string[] {
  if (typeof content === 'string') return content === '' ? [] : [content]
  if (!Array.isArray(content)) return []
  return content.flatMap((block) => readText(block, 'text') ?? [])
}

/** The name is in the tool itself, in OpenAI's `function` or in Converse's `toolSpec`. */
function readToolName(tool: Readonly<Record<string, unknown>>): readonly string[] {
  const name =
    readText(tool, 'name') ??
    readText(readRecord(tool, 'function'), 'name') ??
    readText(readRecord(tool, 'toolSpec'), 'name')
  return name === null ? [] : [name]
}

function listRecords(value: unknown, name: string): readonly Readonly<Record<string, unknown>>[] {
  const list: unknown = isRecord(value) ? value[name] : undefined
  return Array.isArray(list) ? list.filter(isRecord) : []
}
