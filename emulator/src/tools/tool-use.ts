import { isRecord } from '@anthology/wire'

import { createRandom, computeFingerprint, idLetters } from '../random.ts'
import type { ToolUseBlock } from '../generate/completion.ts'
import type { CallerMember } from './caller.ts'
import type { CallPlan, PlannedCall } from './calls.ts'
import { fineDeltas, memberTexts } from './deltas.ts'
import { makeSchemaValue } from './input.ts'
import type { SchemaChecker } from './schema-check.ts'
import type { Tokenizer } from '../generate/tokenizer.ts'
import type { Turn } from './turn.ts'
import { makeTypedInput } from './typed-input.ts'

/** What calls are made from, beside the plan. */
export interface ToolUseOptions {
  readonly turn: Turn
  readonly fingerprint: string
  readonly checker: SchemaChecker
  readonly tokenizer: Tokenizer
  readonly caller: CallerMember
}

/** The calls of an answer as its blocks; the same for the same request, ids included. */
export function createToolUses(
  { calls, hints }: CallPlan,
  material: ToolUseOptions,
): readonly ToolUseBlock[] {
  return calls.map((call, index) => {
    const fingerprint = computeFingerprint(material.fingerprint, call.tool.name, String(index))
    return createToolUse(call, { ...material, hints, fingerprint })
  })
}

function createToolUse(
  { tool, anchor }: PlannedCall,
  { hints, ...material }: ToolUseOptions & Pick<CallPlan, 'hints'>,
): ToolUseBlock {
  const { question } = material.turn
  const { fingerprint, checker, tokenizer, caller } = material
  const made =
    tool.schema === null
      ? makeTypedInput(tool.type, question, hints)
      : makeSchemaValue(tool.schema, { question, hints, anchor, fingerprint }, checker)
  const input = isRecord(made) ? made : {}
  const members = memberTexts(input)
  const { name, isFineGrained } = tool
  const chunks = isFineGrained ? fineDeltas(members.join(''), tokenizer) : members
  return { kind: 'tool_use', id: callId(fingerprint), name, input, chunks, isFineGrained, tokenizer, caller }
}

/** Like the service's own: `toolu_01` and 22 characters without those that look alike. */
function callId(fingerprint: string): string {
  return `toolu_01${idLetters(22, createRandom(computeFingerprint(fingerprint, 'call')))}`
}
