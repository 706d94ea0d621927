import type { RecordedRequest } from '../cassette.ts'

/**
 * How alike a request and its recording must be. `normal`: protocol, endpoint, stream, model, last user text, tool
 * results, tool names and turn. `loose` does without tool results, tool names and turn. `exact` also needs the system
 * prompt, the definitions of the tools, the required form of the answer, and the betas.
 */
export type MatchMode = 'loose' | 'normal' | 'exact'

export const matchModes: readonly MatchMode[] = ['loose', 'normal', 'exact']

type Field = keyof RecordedRequest

/** Compared for every request, in the order in which differences are reported. */
const identity: readonly Field[] = [
  'protocol',
  'endpoint',
  'method',
  'stream',
  'model',
  'last_user',
  'media_hash',
  'prefill',
  'body_hash',
]
/** These change when an agent's history is compacted, or its tools run live. */
const progress: readonly Field[] = ['tool_results', 'tools', 'turn']
/** These change when a prompt is edited. */
const prompt: readonly Field[] = ['system_hash', 'tools_hash', 'output_hash', 'betas']

/** The fields that must be equal, and those whose difference is only a notice. */
export function listFields(mode: MatchMode): {
  readonly required: readonly Field[]
  readonly noted: readonly Field[]
} {
  switch (mode) {
    case 'loose':
      return { required: identity, noted: [...progress, ...prompt] }
    case 'normal':
      return { required: [...identity, ...progress], noted: prompt }
    case 'exact':
      return { required: [...identity, ...progress, ...prompt], noted: [] }
  }
}

/** A field in which a request and its recording differ. */
export interface FieldDifference {
  readonly field: Field | 'path'
  readonly asked: unknown
  readonly recorded: unknown
}

/** Lists the differences in some fields. The path counts only if the request has no conversation. */
export function listDifferences(
  asked: RecordedRequest,
  recorded: RecordedRequest,
  fields: readonly Field[],
): readonly FieldDifference[] {
  const compared: readonly Field[] =
    asked.turn === undefined && fields.includes('method') ? [...fields, 'path'] : fields
  return compared.flatMap((field) =>
    JSON.stringify(asked[field]) === JSON.stringify(recorded[field])
      ? []
      : { field, asked: asked[field], recorded: recorded[field] },
  )
}

/** A text that is equal for two requests that match. */
export function createMatchKey(request: RecordedRequest, mode: MatchMode): string {
  const { required } = listFields(mode)
  const values = required.map((field) => request[field] ?? null)
  return JSON.stringify(request.turn === undefined ? [...values, request.path] : values)
}

/** Describes a difference for a person: `turn is 3, recorded 1`. */
export function describeDifference({ field, asked, recorded }: FieldDifference): string {
  const hashed = hashedParts[field]
  if (hashed !== undefined) return `${field}: ${hashed} from the recording`
  return `${field} is ${quote(asked, recorded)}, recorded ${quote(recorded, asked)}`
}

/** Fields of which only a hash is known. */
const hashedParts: Readonly<Partial<Record<FieldDifference['field'], string>>> = {
  system_hash: 'the system prompt differs',
  tools_hash: 'the definitions of the tools differ',
  output_hash: 'the required form of the answer, such as its schema or the choice of tools, differs',
  media_hash: 'the images, documents or search results differ',
  body_hash: 'the body differs',
}

/** Quotes a value. A long text is cut around its first difference from another one. */
function quote(value: unknown, other: unknown): string {
  if (value === undefined) return 'missing'
  const text = JSON.stringify(value)
  if (text.length <= maxQuoteLength) return text
  const compared = JSON.stringify(other) ?? ''
  let same = 0
  while (same < text.length && text[same] === compared[same]) same += 1
  const start = Math.max(0, same - maxQuoteLength / 4)
  const end = start + maxQuoteLength
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`
}

const maxQuoteLength = 160
