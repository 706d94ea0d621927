import { emptyDraft } from './draft.ts'
import type { Draft } from './draft.ts'
import { toMembers } from './members.ts'

const { cache, budgetTokens } = emptyDraft

/** The members of a request that have fields, with the fields as they are when they send nothing. */
const emptyFields: ReadonlyMap<string, Partial<Draft>> = new Map<string, Partial<Draft>>([
  ['messages', { turns: [] }],
  ['system', { system: '', cache }],
  ['tools', { tools: '' }],
  ['tool_choice', { toolChoice: '' }],
  ['thinking', { thinking: '', budgetTokens }],
  ['output_config', { effort: '', schema: '' }],
  ['max_tokens', { maxTokens: '' }],
  ['temperature', { temperature: '' }],
  ['top_p', { topP: '' }],
  ['top_k', { topK: '' }],
  ['stop_sequences', { stopSequences: '' }],
])

/** The draft with these other members. Fields that they replace are empty: nothing is shown that is not sent. */
export function setOtherMembers(draft: Draft, members: Readonly<Record<string, unknown>>): Draft {
  const names = Object.keys(members)
  if (names.length === 0) return draft
  const fields = names.map((name) => emptyFields.get(name) ?? {})
  return Object.assign({}, draft, ...fields, { otherMembers: JSON.stringify(members, null, 2) }) as Draft
}

/** The members of a request that are sent in place of their fields. */
export function listReplacedMembers({ otherMembers }: Pick<Draft, 'otherMembers'>): readonly string[] {
  try {
    return Object.keys(toMembers(JSON.parse(otherMembers))).filter((name) => emptyFields.has(name))
  } catch {
    return []
  }
}
