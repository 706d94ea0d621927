import { readRecord, readText } from '@anthology/wire'

import type { Completion } from '../generate/completion.ts'
import { findOutputLimit } from '../generate/output-limit.ts'
import { truncate } from '../generate/truncate.ts'
import type { DraftBlock } from '../generate/truncate.ts'
import type { ValidRequest } from '../message/valid-request.ts'
import type { Settings } from '../settings.ts'
import { createScriptedThinking } from '../thinking/think.ts'
import { getCaller } from '../tools/caller.ts'
import { listClientTools } from '../tools/client-tools.ts'
import { createScriptedToolUse } from '../tools/tool-use.ts'
import type { ScriptedBlock, ScriptedReply, ScriptedToolCall } from './scenario.ts'
import { renderText, renderValue } from './templates.ts'
import type { TemplateContext } from './templates.ts'

export type ScriptedResult =
  | { readonly ok: true; readonly completion: Completion }
  /** The service could not have sent this reply; the message names the field. */
  | { readonly ok: false; readonly message: string }

/** Creates the answer that a rule describes, with the limits of the request applied. */
export function createScriptedCompletion(
  reply: ScriptedReply,
  validation: ValidRequest,
  { settings, template }: { readonly settings: Settings; readonly template: TemplateContext },
): ScriptedResult {
  if (reply.refusal !== undefined && reply.refusal !== false)
    return { ok: true, completion: createRefusal(reply.refusal) }
  const drafts: DraftBlock[] = []
  for (const [path, block] of listBlocks(reply)) {
    const made = createBlock(block, validation, { settings, template, index: drafts.length })
    if (!made.ok) return { ok: false, message: `${path}${made.message}` }
    drafts.push(made.block)
  }
  const { stop_sequences: stopSequences } = validation.request
  const completion = truncate(drafts, {
    ...findOutputLimit(validation),
    stopSequences: stopSequences ?? [],
    tokenizer: validation.prompt.tokenizer,
  })
  return { ok: true, completion: withStop(completion, reply) }
}

/** The blocks of a reply in their order, with the member that each stands in. */
function listBlocks(reply: ScriptedReply): readonly (readonly [path: string, block: ScriptedBlock])[] {
  if (reply.blocks !== undefined) return reply.blocks.map((block, index) => [`blocks.${index}`, block])
  const { text, thinking, tool_calls: calls = [], structured } = reply
  const blocks: (readonly [string, ScriptedBlock])[] = []
  if (thinking !== undefined) blocks.push(['thinking', { thinking }])
  if (text !== undefined) blocks.push(['text', { text }])
  if (structured !== undefined) blocks.push(['structured', { text: JSON.stringify(structured) }])
  for (const [index, call] of calls.entries()) blocks.push([`tool_calls.${index}`, { tool_call: call }])
  return blocks
}

type MadeBlock =
  | { readonly ok: true; readonly block: DraftBlock }
  | { readonly ok: false; readonly message: string }

interface BlockContext {
  readonly settings: Settings
  readonly template: TemplateContext
  /** The position of the block in the answer. */
  readonly index: number
}

function createBlock(block: ScriptedBlock, validation: ValidRequest, context: BlockContext): MadeBlock {
  const { template, settings } = context
  if ('text' in block)
    return { ok: true, block: { kind: 'text_draft', parts: [renderText(block.text, template)] } }
  if ('thinking' in block || 'redacted_thinking' in block) {
    const text = 'thinking' in block ? renderText(block.thinking, template) : null
    const thought = createScriptedThinking(text, validation, settings)
    return thought
      ? { ok: true, block: thought }
      : { ok: false, message: ': thinking is not enabled in the request' }
  }
  if ('tool_call' in block) return createToolUse(block.tool_call, validation, context)
  return { ok: false, message: ': is not supported yet' }
}

/** A call must be one that the API could make: of a tool that the request offers, with an input that its schema allows. */
function createToolUse(
  { name, input = {}, id }: ScriptedToolCall,
  { request, betas, prompt, day }: ValidRequest,
  { settings, template, index }: BlockContext,
): MadeBlock {
  const tool = listClientTools(request, betas).find((offered) => offered.name === name)
  if (tool === undefined)
    return { ok: false, message: `.name: the request offers no tool ${JSON.stringify(name)}` }
  const rendered = readRecord({ input: renderValue(input, template) }, 'input') ?? {}
  const problem = tool.schema && settings.checker.explain(tool.schema, rendered)
  if (problem) return { ok: false, message: `.input${problem}` }
  const block = createScriptedToolUse(tool, rendered, {
    id: id ?? null,
    fingerprint: `${prompt.fingerprint} ${index}`,
    tokenizer: prompt.tokenizer,
    caller: getCaller(day),
  })
  return { ok: true, block }
}

function withStop(
  completion: Completion,
  { stop_reason: stopReason, stop_sequence: stopSequence }: ScriptedReply,
): Completion {
  if (stopReason === undefined) return completion
  return { ...completion, stopReason, stopSequence: stopSequence ?? null }
}

function createRefusal(refusal: NonNullable<ScriptedReply['refusal']>): Completion {
  return {
    blocks: [],
    stopReason: 'refusal',
    stopSequence: null,
    stopDetails: {
      type: 'refusal',
      category: readText(refusal, 'category'),
      explanation: readText(refusal, 'explanation'),
    },
    outputTokens: 1,
    thinkingTokens: 0,
  }
}
