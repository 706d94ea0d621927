import { findOutputBlockProblem, formatProblem, isRecord, readText } from '@anthology/wire'

import { findPathProblem } from './json-path.ts'
import { suggestName } from './did-you-mean.ts'
import type { ScriptedReply, ScriptedStopReason, ScriptedUsage } from './scenario.ts'
import { listTemplates, templateNames } from './templates.ts'

/** A mistake in a rule and the member that it is in. */
export interface RuleProblem {
  readonly path: readonly string[]
  readonly message: string
}

/**
 * Lists the mistakes of a reply that hold for every request: members that exclude each other, and a stop reason that
 * contradicts the content. `groups` is the number of groups of the rule's first regular expression; null: it has none.
 */
export function* listReplyProblems(reply: ScriptedReply, groups: number | null): Generator<RuleProblem> {
  yield* listExclusions(reply)
  yield* listStopProblems(reply)
  for (const [index, block] of (reply.blocks ?? []).entries())
    if ('block' in block) yield* listBlockProblems(['blocks', String(index), 'block'], block.block)
  yield* listUsageProblems(reply.usage ?? {})
  yield* listTemplateProblems([], reply, groups)
}

function* listExclusions(reply: ScriptedReply): Generator<RuleProblem> {
  const { blocks, text, thinking, tool_calls: calls, structured, refusal } = reply
  const others = { text, thinking, tool_calls: calls, structured }
  const other = Object.entries(others).find(([, value]) => value !== undefined)?.[0]
  if (blocks !== undefined && other !== undefined)
    yield { path: ['blocks'], message: `stands in place of ${other}; give one of them` }
  if (text !== undefined && structured !== undefined)
    yield { path: ['structured'], message: 'stands in place of text; give one of them' }
  if (refusal !== undefined && structured !== undefined)
    yield { path: ['refusal'], message: 'a refusal has no structured value' }
}

/** The stop reasons of an answer with a call of a client's tool. */
const stopsWithCalls: ReadonlySet<ScriptedStopReason> = new Set([
  'tool_use',
  'max_tokens',
  'model_context_window_exceeded',
])

function* listStopProblems(reply: ScriptedReply): Generator<RuleProblem> {
  const { blocks = [], tool_calls: calls = [], refusal, stop_reason: stop, stop_sequence: sequence } = reply
  if (refusal !== undefined && stop !== undefined && stop !== 'refusal')
    yield { path: ['stop_reason'], message: 'a refusal has the stop reason refusal' }
  const hasCalls = calls.length > 0 || blocks.some((block) => 'tool_call' in block || isToolUse(block))
  const wanted = refusal === undefined ? stop : 'refusal'
  const place = refusal === undefined ? 'stop_reason' : 'refusal'
  if (wanted === 'tool_use' && !hasCalls)
    yield { path: [place], message: 'tool_use needs a call of a tool in the reply' }
  if (wanted !== undefined && hasCalls && !stopsWithCalls.has(wanted))
    yield { path: [place], message: `${wanted} contradicts the call of a tool, which ends with tool_use` }
  if (wanted === 'pause_turn' && !isOfServer(blocks.at(-1)))
    yield { path: [place], message: 'pause_turn needs a block of a server tool at the end of blocks' }
  if (sequence !== undefined && stop !== 'stop_sequence')
    yield { path: ['stop_sequence'], message: 'needs stop_reason: stop_sequence' }
}

/** The service pauses a turn after uses of its own tools; the client sends them back to go on. */
function isOfServer(block: object | undefined): boolean {
  const type = block !== undefined && 'block' in block ? (readText(block.block, 'type') ?? '') : ''
  return type === 'server_tool_use' || type === 'mcp_tool_use' || type.endsWith('_tool_result')
}

function isToolUse(block: object): boolean {
  return 'block' in block && readText(block.block, 'type') === 'tool_use'
}

function* listBlockProblems(path: readonly string[], block: unknown): Generator<RuleProblem> {
  const type = readText(block, 'type')
  if (type === 'thinking' || type === 'redacted_thinking') {
    const member = type === 'thinking' ? 'thinking: TEXT' : 'redacted_thinking: true'
    yield { path, message: `write ${member} in place of the block; the emulator signs it` }
  }
  // A template may stand for a value of another type.
  if (listStrings(block).some(([, text]) => listTemplates(text).length > 0)) return
  const problem = findOutputBlockProblem(block)
  if (problem !== null) yield { path, message: formatProblem(problem) }
}

function* listUsageProblems(usage: ScriptedUsage): Generator<RuleProblem> {
  const { cache_creation: split, cache_creation_input_tokens: written, output_tokens: output } = usage
  const { ephemeral_5m_input_tokens: minutes, ephemeral_1h_input_tokens: hour } = split ?? {}
  const parts = (minutes ?? 0) + (hour ?? 0)
  const isWrong = minutes === undefined ? parts > (written ?? parts) : parts !== (written ?? parts)
  if (isWrong && !(hour === undefined && minutes === undefined))
    yield {
      path: ['usage', 'cache_creation'],
      message: `has ${parts} tokens, but cache_creation_input_tokens is ${written}`,
    }
  const thinking = usage.output_tokens_details?.thinking_tokens
  if (thinking !== undefined && output !== undefined && thinking > output)
    yield {
      path: ['usage', 'output_tokens_details', 'thinking_tokens'],
      message: `is a part of output_tokens, which is ${output}`,
    }
}

function* listTemplateProblems(
  place: readonly string[],
  value: unknown,
  groups: number | null,
): Generator<RuleProblem> {
  for (const [path, text] of listStrings(value)) {
    for (const name of listTemplates(text)) {
      const message = findTemplateProblem(name, groups)
      if (message !== null) yield { path: [...place, ...path], message: `{{${name}}}: ${message}` }
    }
    for (const [whole, name = ''] of text.matchAll(/\{\{\s*([\w.]+)\s*\}\}/g)) {
      if (listTemplates(whole).length > 0) continue
      const problem = findMatchProblem(name, groups)
      if (problem !== null) yield { path: [...place, ...path], message: `${whole}: ${problem}` }
      const meant = suggestName(name, templateNames)
      if (meant !== null)
        yield { path: [...place, ...path], message: `${whole} is no template. Did you mean {{${meant}}}?` }
    }
  }
}

/** RE2 has groups with names, which would stand in the answer as they are written here. */
function findMatchProblem(name: string, groups: number | null): string | null {
  if (!/^match(?:\.|$)/.test(name)) return null
  return groups === null ? noExpression : 'a group has a number, such as {{match.1}}'
}

const noExpression = 'the rule has no regular expression'

function findTemplateProblem(name: string, groups: number | null): string | null {
  if (name.startsWith('json:')) {
    const problem = findPathProblem(name.slice('json:'.length).trim())
    return problem === null ? null : `is not a JSONPath: ${problem}`
  }
  if (!name.startsWith('match.')) return null
  if (groups === null) return noExpression
  return Number(name.slice('match.'.length)) <= groups
    ? null
    : `the first regular expression of the rule has ${groups} group${groups === 1 ? '' : 's'}`
}

function listStrings(value: unknown): readonly (readonly [path: readonly string[], text: string])[] {
  if (typeof value === 'string') return [[[], value]]
  const members = Array.isArray(value) ? [...value.entries()] : isRecord(value) ? Object.entries(value) : []
  return members.flatMap(([name, member]) =>
    listStrings(member).map(([path, text]) => [[String(name), ...path], text] as const),
  )
}
