import type { OutputBlock } from '@anthology/wire'

import { toBlock } from '../generate/completion.ts'
import type { Completion, ToolUseBlock } from '../generate/completion.ts'
import { findOutputLimit } from '../generate/output-limit.ts'
import { truncate } from '../generate/truncate.ts'
import type { DraftBlock } from '../generate/truncate.ts'
import type { ValidRequest } from '../message/valid-request.ts'
import type { Settings } from '../options/settings.ts'
import { readThinking } from '../thinking/mode.ts'
import { createScriptedThinking, think } from '../thinking/think.ts'
import { countPrecedingBlocks, findFirstAnswer } from '../thinking/turn.ts'
import { getCaller } from '../tools/caller.ts'
import { listClientTools } from '../tools/client-tools.ts'
import { splitIntoMembers } from '../tools/deltas.ts'
import { createScriptedToolUse } from '../tools/tool-use.ts'
import { findAnswerProblem, findPrefill } from './answer-rules.ts'
import type { AnswerProblem } from './answer-rules.ts'
import { listParts } from './reply-part.ts'
import type { ReplyPart } from './reply-part.ts'
import type { ScriptedReply } from './scenario.ts'
import { applyStop, findStopProblem, getStop } from './stop-rules.ts'
import { maxInsertedChars } from './templates.ts'
import type { TemplateContext } from './templates.ts'
import { WorkError } from './work.ts'

export type ScriptedResult =
  | { readonly ok: true; readonly completion: Completion }
  /** The service could not have sent this reply; the message names the member. */
  | { readonly ok: false; readonly message: string }

export interface ScriptContext {
  readonly settings: Settings
  readonly template: TemplateContext
}

/** Creates the answer that a rule describes, with the limits of the request applied. */
export function createScriptedCompletion(
  reply: ScriptedReply,
  validation: ValidRequest,
  { settings, template }: ScriptContext,
): ScriptedResult {
  const { request, prompt } = validation
  // The request only warms the cache, so the service generates nothing.
  if (request.max_tokens === 0) return { ok: true, completion: warmUp }
  const parts = tryListParts(reply, template)
  if (parts instanceof WorkError) return { ok: false, message: `a template of the reply: ${parts.message}` }
  if (template.budget.left < 0)
    return { ok: false, message: `the templates insert more than ${maxInsertedChars} characters` }
  const problem = findProblem(reply, parts, validation, settings)
  if (problem !== null) return { ok: false, message: describeProblem(problem) }
  const drafts = [
    ...(alwaysThinks(parts, validation) ? think(validation, settings) : []),
    ...createDrafts(continuePrefill(parts, findPrefill(validation)), validation, settings),
  ]
  const completion = truncate(drafts, {
    ...findOutputLimit(validation),
    stopSequences: request.stop_sequences ?? [],
    tokenizer: prompt.tokenizer,
  })
  return { ok: true, completion: applyStop(completion, reply, validation) }
}

function tryListParts(reply: ScriptedReply, template: TemplateContext): readonly ReplyPart[] | WorkError {
  try {
    return listParts(reply, template)
  } catch (error) {
    if (error instanceof WorkError) return error
    throw error
  }
}

const warmUp: Completion = {
  blocks: [],
  stopReason: 'max_tokens',
  stopSequence: null,
  stopDetails: null,
  outputTokens: 0,
  thinkingTokens: 0,
}

function findProblem(
  reply: ScriptedReply,
  parts: readonly ReplyPart[],
  validation: ValidRequest,
  { checker }: Settings,
): AnswerProblem | null {
  const stop = getStop(reply)
  const isComplete = stop === null || stop === 'end_turn' || stop === 'tool_use'
  // Beside a call of a client's tool, a use may wait for its result as well.
  const isOpen = !isComplete || parts.some(({ kind }) => kind === 'call')
  return (
    findStopProblem(reply, validation) ??
    findAnswerProblem(parts, validation, { checker, isOpen, isComplete }) ??
    (reply.blocks !== undefined && alwaysThinks(parts, validation)
      ? { path: 'blocks', message: 'with a budget for thinking, an answer begins with a thinking block' }
      : null)
  )
}

function describeProblem({ path, message }: AnswerProblem): string {
  return message === '' ? `reply.${path}` : `reply.${path}: ${message}`
}

/** With a budget the service thinks at the beginning of each turn, and it refuses a returned turn that does not. */
function alwaysThinks(parts: readonly ReplyPart[], { request, model, betas }: ValidRequest): boolean {
  const [first] = parts
  if (first === undefined || first.kind === 'thinking') return false
  return readThinking(request, model, betas)?.type === 'enabled' && findFirstAnswer(request.messages) < 0
}

/** If the first text begins with the prefill, as when a client continues a truncated answer, the rest is sent. */
function continuePrefill(parts: readonly ReplyPart[], prefill: string): readonly ReplyPart[] {
  const [first, ...others] = parts
  if (prefill === '' || first?.kind !== 'text' || !first.text.startsWith(prefill)) return parts
  return [{ ...first, text: first.text.slice(prefill.length) }, ...others]
}

function createDrafts(
  parts: readonly ReplyPart[],
  validation: ValidRequest,
  settings: Settings,
): readonly DraftBlock[] {
  const drafts: DraftBlock[] = []
  const content: OutputBlock[] = []
  for (const part of parts) {
    // A text block is never empty (docs.claude.com, api/messages).
    if (part.kind === 'text' && part.text === '') continue
    const draft = createDraft(part, withAnswer(validation, content), settings)
    drafts.push(draft)
    content.push(
      draft.kind === 'text_draft' ? { type: 'text', text: [...draft.parts].join('') } : toBlock(draft),
    )
  }
  return drafts
}

/** The request as if the client had sent the first blocks of the answer: thinking is bound to what precedes it. */
function withAnswer(validation: ValidRequest, content: readonly OutputBlock[]): ValidRequest {
  if (content.length === 0) return validation
  const { request } = validation
  const answer = { role: 'assistant', content } as const
  return { ...validation, request: { ...request, messages: [...request.messages, answer] } }
}

function createDraft(part: ReplyPart, validation: ValidRequest, settings: Settings): DraftBlock {
  const { tokenizer } = validation.prompt
  switch (part.kind) {
    case 'text': {
      const { text, citations } = part
      if (citations === null) return { kind: 'text_draft', parts: [text] }
      return { kind: 'text', chunks: tokenizer.split(text), citations }
    }
    case 'thinking':
      return createScriptedThinking(part.text, validation, settings)
    case 'call':
      return createCall(part, validation)
    case 'server_call':
      return createServerCall(part.block, validation)
    case 'whole':
      // The shape was checked; a type that this version does not know is sent as it is.
      return { kind: 'whole', block: part.block as unknown as OutputBlock, tokens: 0 }
  }
}

function createCall(
  { name, input, id, members }: Extract<ReplyPart, { kind: 'call' }>,
  { request, betas, prompt, day }: ValidRequest,
): ToolUseBlock {
  const tool = listClientTools(request, betas).find((offered) => offered.name === name)
  return createScriptedToolUse({ name, isFineGrained: tool?.isFineGrained ?? false }, input, {
    id,
    fingerprint: `${prompt.fingerprint} ${countPrecedingBlocks(request.messages)}`,
    tokenizer: prompt.tokenizer,
    members: { ...getCaller(day), ...members },
  })
}

function createServerCall(
  block: Extract<ReplyPart, { kind: 'server_call' }>['block'],
  { prompt, day }: ValidRequest,
): ToolUseBlock {
  const { type, id, name, input, ...members } = block
  const isServer = type === 'server_tool_use'
  // The shape of the block was checked.
  const given = input as ToolUseBlock['input']
  return {
    kind: isServer ? 'server_tool_use' : 'mcp_tool_use',
    id: String(id),
    name: String(name),
    input: given,
    chunks: splitIntoMembers(given),
    isFineGrained: false,
    tokenizer: prompt.tokenizer,
    members: { ...(isServer && getCaller(day)), ...members },
  }
}
