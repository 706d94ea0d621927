/** What a request got: a message of the Messages API, or an error. */
export interface ReplayedAnswer {
  readonly status: number
  /** The message, or the body of the error. */
  readonly body: Readonly<Record<string, unknown>>
  /** From the request to the whole answer; null where it is not known. */
  readonly tookMs: number | null
  readonly costUsd: string | null
}

/** One aspect in which two answers to the same request differ. */
export interface AnswerDifference {
  readonly aspect: Aspect
  readonly before: string
  readonly after: string
}

/** What is compared, in the order of the report. Texts differ between any two answers, so they are not compared. */
export const aspects = ['error', 'refusal', 'stop_reason', 'tool_calls', 'structured_output'] as const

export type Aspect = (typeof aspects)[number]

/** The facts of an answer that a program depends on. */
export interface AnswerFacts {
  /** Status, type and message of an error; null for a message. */
  readonly error: string | null
  readonly isRefusal: boolean
  readonly stopReason: string | null
  /** The names of the called tools, in order, with the names of their inputs. */
  readonly toolCalls: readonly string[]
  /** Whether the text is JSON that satisfies the schema of the request; null where the request has none. */
  readonly isStructured: boolean | null
  readonly text: string
  readonly inputTokens: number | null
  readonly outputTokens: number | null
}

type Json = Readonly<Record<string, unknown>>

/** Tests a value against a JSON Schema; null: the schema cannot be used. */
export type TestSchema = (schema: Json, value: unknown) => boolean | null

/**
 * Reads the facts of an answer. Without a test of schemas, every input of a tool and every JSON text counts as valid.
 * Never throws, whatever the answer contains.
 */
export function readAnswerFacts(
  { status, body }: Pick<ReplayedAnswer, 'status' | 'body'>,
  request: Json,
  test: TestSchema = () => null,
): AnswerFacts {
  const content = Array.isArray(body['content']) ? body['content'].map(asRecord) : []
  const text = content
    .filter((block) => block['type'] === 'text')
    .map((block) => readText(block['text']) ?? '')
    .join('')
  const stopReason = readText(body['stop_reason'])
  const usage = asRecord(body['usage'])
  return {
    error: status === 200 && body['type'] === 'message' ? null : describeError(status, body),
    isRefusal: stopReason === 'refusal',
    stopReason,
    toolCalls: content
      .filter((block) => block['type'] === 'tool_use')
      .map((block) => describeToolCall(block, request, test)),
    isStructured: isStructured(text, findSchema(request), test),
    text,
    inputTokens: sumInput(usage),
    outputTokens: readNumber(usage['output_tokens']),
  }
}

/** Lists what differs between two answers to a request. */
export function compareAnswers(before: AnswerFacts, after: AnswerFacts): readonly AnswerDifference[] {
  const values: readonly (readonly [Aspect, string, string])[] = [
    ['error', before.error ?? 'none', after.error ?? 'none'],
    ['refusal', printFlag(before.isRefusal), printFlag(after.isRefusal)],
    ['stop_reason', before.stopReason ?? 'none', after.stopReason ?? 'none'],
    ['tool_calls', before.toolCalls.join(', ') || 'none', after.toolCalls.join(', ') || 'none'],
    ['structured_output', printFlag(before.isStructured), printFlag(after.isStructured)],
  ]
  return values.flatMap(([aspect, one, other]) =>
    one === other ? [] : [{ aspect, before: one, after: other }],
  )
}

function describeToolCall(block: Json, request: Json, test: TestSchema): string {
  const name = readText(block['name']) ?? ''
  const inputs = Object.keys(asRecord(block['input'])).toSorted()
  const tools = Array.isArray(request['tools']) ? request['tools'].map(asRecord) : []
  const schema = tools.find((tool) => tool['name'] === name)?.['input_schema']
  const isValid = schema === undefined || test(asRecord(schema), block['input']) !== false
  return `${name}(${inputs.join(', ')})${isValid ? '' : ' with an input that the schema refuses'}`
}

function describeError(status: number, body: Json): string {
  const error = asRecord(body['error'])
  return [String(status), readText(error['type']), readText(error['message'])]
    .filter((part) => part !== null)
    .join(' ')
}

/** The schema of the answer that a request asks for. */
function findSchema(request: Json): Json | null {
  const formats = [asRecord(asRecord(request['output_config'])['format']), asRecord(request['output_format'])]
  const format = formats.find(({ type }) => type === 'json_schema')
  return format === undefined ? null : asRecord(format['schema'])
}

function isStructured(text: string, schema: Json | null, test: TestSchema): boolean | null {
  if (schema === null) return null
  try {
    return test(schema, JSON.parse(text)) !== false
  } catch {
    return false
  }
}

function sumInput(usage: Json): number | null {
  const counts = ['input_tokens', 'cache_creation_input_tokens', 'cache_read_input_tokens'].map((name) =>
    readNumber(usage[name]),
  )
  return counts[0] === null ? null : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0)
}

function printFlag(value: boolean | null): string {
  return value === null ? 'not asked for' : value ? 'yes' : 'no'
}

function asRecord(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {}
}

function readText(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function readNumber(value: unknown): number | null {
  return typeof value === 'number' ? value : null
}
