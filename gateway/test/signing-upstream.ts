import { ask } from './http-client.ts'
import { startUpstream, plain } from './recording-upstream.ts'
import { httpAccount, usual } from './running-gateway.ts'
import { errorBody, message } from './samples.ts'

/** A block of a message, in the parts that this upstream looks at. */
interface Block {
  readonly type: string
  readonly signature?: string
}

export interface Message {
  readonly role: 'user' | 'assistant'
  readonly content: string | readonly Block[]
}

export interface Request {
  readonly model: string
  readonly thinking?: { readonly type: string }
  readonly context_management?: { readonly edits: readonly { readonly type: string }[] }
  readonly messages: readonly Message[]
}

export interface SigningUpstream {
  readonly name: string
  readonly url: string
  /** For one gateway, which closes it. */
  readonly createAccount: () => ReturnType<typeof httpAccount>
  /** The requests that were answered, as they came. */
  readonly answered: Request[]
  /** The status of every request. */
  readonly statuses: number[]
  /** Whether it is overloaded for a request. */
  fails: (request: Request) => boolean
  /** Whether it drops foreign thinking without an error, as the newest models do. */
  accepts: () => boolean
}

/**
 * A real HTTP server that answers with thinking that it has signed for the model, and rejects what it has not
 * signed. With a budget it has the API's rule that a turn which continues began with thinking (platform.claude.com,
 * build-with-claude/extended-thinking).
 */
export async function startSigningUpstream(name: string, usage: object = {}): Promise<SigningUpstream> {
  const answered: Request[] = []
  const statuses: number[] = []
  const { url } = await startUpstream((response, request) => {
    // The tests send this shape.
    const body = JSON.parse(request.body.toString()) as Request
    const error = found.accepts() ? null : findError(body, `${name} ${body.model}`)
    const status = found.fails(body) ? 529 : error === null ? 200 : 400
    statuses.push(status)
    if (status === 529)
      return plain(errorBody('overloaded_error', 'Overloaded'), { status })(response, request)
    if (error !== null) return plain(errorBody('invalid_request_error', error), { status })(response, request)
    if (request.target.includes('count_tokens')) return plain('{"input_tokens":25}')(response, request)
    answered.push(body)
    const thinks = body.thinking?.type !== 'disabled'
    const content = [...(thinks ? [think(name, body.model)] : []), use]
    const sample = JSON.parse(message) as { readonly usage: object }
    const answer = { ...sample, content, usage: { ...sample.usage, ...usage } }
    return plain(JSON.stringify(answer))(response, request)
  })
  const createAccount = () => ({ ...httpAccount(url), name })
  const found: SigningUpstream = {
    name,
    url,
    createAccount,
    answered,
    statuses,
    fails: never,
    accepts: never,
  }
  return found
}

export const always = () => true
export const never = () => false

export function think(upstream: string, model = 'claude-opus-4-1-20250805'): Block {
  return { type: 'thinking', thinking: 'A greeting.', signature: `${upstream} ${model}` } as Block
}

export const use = { type: 'tool_use', id: 'toolu_1', name: 'look', input: {} }
export const result: Message = {
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: 'toolu_1' } as Block],
}

/** Sends a call of one conversation on a new connection, with an answer of each of `issuers`, to a model that binds thinking. */
export async function sendThinking(
  { url, key }: { readonly url: string; readonly key: string },
  issuers: readonly string[],
) {
  const model = 'claude-sonnet-5-5'
  const question: Message = { role: 'user', content: 'Hello' }
  const turns = issuers.flatMap((issuer): Message[] => [
    question,
    { role: 'assistant', content: [think(issuer, model), { type: 'text', text: 'Hi.' } as Block] },
  ])
  const body = JSON.stringify({ model, max_tokens: 100, messages: [...turns, question] })
  const headers = { ...usual, 'x-api-key': key, 'x-claude-code-session-id': 'one' }
  const { status, headers: given } = await ask(`${url}/v1/messages`, { method: 'POST', headers, body })
  return { status, upstream: given['x-anthology-upstream'], notice: given['x-anthology-notice'] }
}

/** The configuration of a server in front of these upstreams, each of them a group of its own. */
export function describeUpstreams(upstreams: readonly SigningUpstream[]): string {
  const list = upstreams.map(
    ({ name, url }) =>
      `  - { name: ${name}, platform: anthropic, base_url: '${url}', api_key: an-upstream-key }\n`,
  )
  return `upstreams:\n${list.join('')}`
}

/** The error of the API for a request; null: it is answered. */
function findError({ thinking, context_management, messages }: Request, issuer: string): string | null {
  const blocks = messages.map(({ content }) => (typeof content === 'string' ? [{ type: 'text' }] : content))
  const isOn = thinking !== undefined && thinking.type !== 'disabled'
  const clears = context_management?.edits.some(({ type }) => type === 'clear_thinking_20251015') === true
  if (clears && !isOn)
    return '`clear_thinking_20251015` strategy requires `thinking` to be enabled or adaptive'
  const start = messages.findLastIndex(
    ({ role }, at) => role === 'user' && blocks[at]?.some(({ type }) => type !== 'tool_result') === true,
  )
  const first = messages.findIndex(({ role }, at) => at > start && role === 'assistant')
  const type = blocks[first]?.[0]?.type
  if (thinking?.type === 'enabled' && type !== undefined && type !== 'thinking')
    return `messages.${first}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${type}\``
  for (const [at, list] of blocks.entries()) {
    if (list.length === 0) return `messages.${at}: content must not be empty`
    const foreign = list.findIndex((each: Block) => each.type === 'thinking' && each.signature !== issuer)
    if (foreign >= 0) return `messages.${at}.content.${foreign}: Invalid \`signature\` in \`thinking\` block`
  }
  return null
}
