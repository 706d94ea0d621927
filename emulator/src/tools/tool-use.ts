import { isRecord } from '@anthology/wire'

import { createRandom, computeFingerprint, createIdLetters } from '../random.ts'
import type { ToolUseBlock } from '../generate/completion.ts'
import type { CallerMember } from './caller.ts'
import type { ClientTool } from './client-tools.ts'
import type { CallPlan, PlannedCall } from './calls.ts'
import { splitFineGrained, splitIntoMembers } from './deltas.ts'
import { makeSchemaValue } from './input.ts'
import type { SchemaChecker } from './schema-check.ts'
import type { TextTokenizer } from '@anthology/catalog'
import type { Turn } from './turn.ts'
import { makeTypedInput } from './typed-input.ts'

/** The input for creating calls, besides the plan. */
export interface ToolUseOptions {
  readonly turn: Turn
  readonly fingerprint: string
  readonly checker: SchemaChecker
  readonly tokenizer: TextTokenizer
  readonly caller: CallerMember
}

/** Creates the blocks of an answer's calls, deterministic in the request, including ids. */
export function createToolUses({ calls, hints }: CallPlan, options: ToolUseOptions): readonly ToolUseBlock[] {
  return calls.map((call, index) => {
    const fingerprint = computeFingerprint(options.fingerprint, call.tool.name, String(index))
    return createToolUse(call, { ...options, hints, fingerprint })
  })
}

function createToolUse(
  { tool, anchor }: PlannedCall,
  { hints, ...options }: ToolUseOptions & Pick<CallPlan, 'hints'>,
): ToolUseBlock {
  const { question } = options.turn
  const { fingerprint, checker, tokenizer, caller } = options
  const made =
    tool.schema === null
      ? makeTypedInput(tool.type, question, hints)
      : makeSchemaValue(tool.schema, { question, hints, anchor, fingerprint }, checker)
  return encodeToolUse(tool, isRecord(made) ? made : {}, {
    id: createCallId(fingerprint),
    tokenizer,
    members: caller,
  })
}

/** Creates the block of a call with a given input; a null id is made from the fingerprint. */
export function createScriptedToolUse(
  tool: Pick<ClientTool, 'name' | 'isFineGrained'>,
  input: ToolUseBlock['input'],
  {
    id,
    fingerprint,
    ...options
  }: Omit<EncodeOptions, 'id'> & { readonly id: string | null; readonly fingerprint: string },
): ToolUseBlock {
  return encodeToolUse(tool, input, { ...options, id: id ?? createCallId(computeFingerprint(fingerprint)) })
}

type EncodeOptions = Pick<ToolUseBlock, 'id' | 'tokenizer' | 'members'>

function encodeToolUse(
  { name, isFineGrained }: Pick<ClientTool, 'name' | 'isFineGrained'>,
  input: ToolUseBlock['input'],
  { id, tokenizer, members }: EncodeOptions,
): ToolUseBlock {
  const parts = splitIntoMembers(input)
  const chunks = isFineGrained ? splitFineGrained(parts.join(''), tokenizer) : parts
  return { kind: 'tool_use', id, name, input, chunks, isFineGrained, tokenizer, members }
}

/** Same form as the API's ids: `toolu_01` and 22 characters from an alphabet without look-alikes. */
function createCallId(fingerprint: string): string {
  return `toolu_01${createIdLetters(22, createRandom(computeFingerprint(fingerprint, 'call')))}`
}
