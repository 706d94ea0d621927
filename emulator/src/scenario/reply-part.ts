import { isRecord, readRecord, readText } from '@anthology/wire'
import type { Citation } from '@anthology/wire'

import type { ScriptedBlock, ScriptedReply, ScriptedToolCall } from './scenario.ts'
import { renderText, renderValue } from './templates.ts'
import type { TemplateContext } from './templates.ts'

/** One block of a scripted answer with its templates replaced, and the member of the reply that it stands in. */
export type ReplyPart = { readonly path: string } & (
  | { readonly kind: 'text'; readonly text: string; readonly citations: readonly Citation[] | null }
  /** A null text is redacted. */
  | { readonly kind: 'thinking'; readonly text: string | null }
  | {
      readonly kind: 'call'
      readonly name: string
      readonly input: RawBlock
      /** Null: one is made from the request. */
      readonly id: string | null
      /** Further members of the block. */
      readonly members: RawBlock
    }
  | { readonly kind: 'server_call'; readonly block: RawBlock }
  | { readonly kind: 'whole'; readonly block: RawBlock }
)

type RawBlock = Readonly<Record<string, unknown>>

/** Lists the blocks of a reply in their order. */
export function listParts(reply: ScriptedReply, context: TemplateContext): readonly ReplyPart[] {
  if (reply.blocks !== undefined)
    return reply.blocks.map((block, index) => toPart(`blocks.${index}`, block, context))
  const { text, thinking, tool_calls: calls = [], structured } = reply
  return [
    ...(thinking === undefined ? [] : [toPart('', { thinking }, context)]),
    ...(text === undefined ? [] : [toPart('', { text }, context)]),
    ...(structured === undefined
      ? []
      : [toTextPart('structured', JSON.stringify(renderValue(structured, context)))]),
    ...calls.map((call, index) => toCallPart(`tool_calls.${index}`, call, context)),
  ]
}

function toPart(place: string, block: ScriptedBlock, context: TemplateContext): ReplyPart {
  const at = (name: string): string => (place === '' ? name : `${place}.${name}`)
  if ('text' in block) return toTextPart(at('text'), renderText(block.text, context))
  if ('thinking' in block)
    return { path: at('thinking'), kind: 'thinking', text: renderText(block.thinking, context) }
  if ('redacted_thinking' in block) return { path: at('redacted_thinking'), kind: 'thinking', text: null }
  if ('tool_call' in block) return toCallPart(at('tool_call'), block.tool_call, context)
  return toRawPart(at('block'), renderValue(block.block, context))
}

function toTextPart(path: string, text: string): ReplyPart {
  return { path, kind: 'text', text, citations: null }
}

function toCallPart(path: string, call: ScriptedToolCall, context: TemplateContext): ReplyPart {
  const { name, input = {}, id } = call
  return {
    path,
    kind: 'call',
    name: renderText(name, context),
    // The rendered value of an object is an object.
    input: renderValue(input, context) as RawBlock,
    id: id === undefined ? null : renderText(id, context),
    members: {},
  }
}

/** A block of the API that is sent in deltas is one of ours; any other is sent whole. */
function toRawPart(path: string, rendered: unknown): ReplyPart {
  const block = isRecord(rendered) ? rendered : {}
  const { type, id, name, input: _input, text, citations, ...members } = block
  const callInput = readRecord(block, 'input')
  if (type === 'text' && typeof text === 'string' && Object.keys(members).length === 0)
    return { path, kind: 'text', text, citations: toCitations(citations) }
  if (type === 'tool_use' && typeof name === 'string' && callInput !== null)
    return { path, kind: 'call', name, input: callInput, id: typeof id === 'string' ? id : null, members }
  if ((type === 'server_tool_use' || type === 'mcp_tool_use') && callInput !== null)
    return { path, kind: 'server_call', block }
  return { path, kind: 'whole', block }
}

/** The shape of the block, its citations included, is checked before it is used. */
function toCitations(value: unknown): readonly Citation[] | null {
  return Array.isArray(value) ? (value as readonly Citation[]) : null
}

/** The block as the API has it, for a check of its shape; null if it is one of ours. */
export function toRawBlock(part: ReplyPart): RawBlock | null {
  switch (part.kind) {
    case 'text': {
      const { text, citations } = part
      return citations === null ? null : { type: 'text', text, citations }
    }
    case 'thinking':
      return null
    case 'call': {
      const { name, input, id, members } = part
      return { type: 'tool_use', id: id ?? 'toolu_', name, input, ...members }
    }
    case 'server_call':
    case 'whole':
      return part.block
  }
}

/** The type of a part's block. */
export function getPartType(part: ReplyPart): string {
  switch (part.kind) {
    case 'text':
      return 'text'
    case 'thinking':
      return part.text === null ? 'redacted_thinking' : 'thinking'
    case 'call':
      return 'tool_use'
    case 'server_call':
    case 'whole':
      return readText(part.block, 'type') ?? ''
  }
}
