import { isRecord, parseJson, stringsNamed } from '@anthology/wire'
import type { BodyIndex } from '@anthology/wire'

/** A run of a model that the platform may make for a call besides the one that the call asks for. */
export interface OtherRun {
  /**
   * `fallback`: it reads the same prompt after a run that was declined, and its output is part of the answer. `advisor`
   * and `compaction`: the answer does not show the run.
   */
  readonly kind: 'fallback' | 'advisor' | 'compaction'
  /** The name of the model as the body has it; null: any model, or that of the call for a compaction. */
  readonly model: string | null
  /** Its own `max_tokens`; null: not given. */
  readonly maxTokens: number | null
  readonly speed: string | null
  readonly times: number
}

/**
 * Reads the runs that a body asks for: `fallbacks`, advisor tools and compaction (beta API of @anthropic-ai/sdk 1.12.0).
 * They are billed besides the run of the call, at the prices of their own models.
 */
export function readOtherRuns(bytes: Buffer, index: BodyIndex, hasEscapes: boolean): readonly OtherRun[] {
  const runs: OtherRun[] = []
  const slice = (name: string) => {
    const member = index.members.findLast((each) => each.name === name)
    return member === undefined ? null : bytes.subarray(member.start, member.end)
  }
  const fallbacks = slice('fallbacks')
  if (fallbacks !== null) runs.push(...readFallbacks(parseJson(fallbacks.toString('utf8'))))
  if (hasEscapes || bytes.includes('advisor_')) runs.push(...readAdvisors(slice('tools'), slice('messages')))
  const compacts = slice('compaction') !== null || slice('context_management')?.includes('compact') === true
  if (compacts) runs.push({ ...anyRun, kind: 'compaction' })
  return runs
}

const anyRun = { model: null, maxTokens: null, speed: null, times: 1 } as const

function readFallbacks(value: unknown): readonly OtherRun[] {
  if (value === null) return []
  if (!Array.isArray(value)) return [{ ...anyRun, kind: 'fallback' }]
  return value.filter(isRecord).map((entry) => ({ ...readRun(entry), kind: 'fallback' }))
}

/** Without `max_uses`, a server tool runs in each round of an answer once (`promptBounds` of the catalog). */
const maxRounds = 10

function readAdvisors(tools: Buffer | null, messages: Buffer | null): readonly OtherRun[] {
  const runs: OtherRun[] = []
  const listed = tools === null ? [] : parseJson(tools.toString('utf8'))
  for (const tool of Array.isArray(listed) ? listed.filter(isRecord) : []) {
    const { type, max_uses: uses } = tool
    if (typeof type !== 'string' || !type.startsWith('advisor_')) continue
    const times = isCount(uses) ? uses : maxRounds
    runs.push({ ...readRun(tool), kind: 'advisor', times })
  }
  // A message may define a tool as well (`tool_addition`).
  if (messages === null || !someType(messages, (type) => type.startsWith('advisor_'))) return runs
  for (const model of new Set(stringsNamed(messages, 'model')))
    runs.push({ ...anyRun, kind: 'advisor', model, times: maxRounds })
  return runs
}

function someType(json: Uint8Array, matches: (type: string) => boolean): boolean {
  for (const type of stringsNamed(json, 'type')) if (matches(type)) return true
  return false
}

function readRun({ model, max_tokens: maxTokens, speed }: Readonly<Record<string, unknown>>) {
  return {
    model: typeof model === 'string' ? model : null,
    maxTokens: isCount(maxTokens) ? maxTokens : null,
    speed: typeof speed === 'string' ? speed : null,
    times: 1,
  }
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
