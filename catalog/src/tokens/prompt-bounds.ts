import type { RequestFacts } from '../checks/request-facts.ts'
import type { Model } from '../model.ts'
import { openBetas, windowTokens } from '../checks/rules/limits.ts'
import { valueOn } from '../effective-dated.ts'
import { toolTokens } from './tool-tokens.ts'

export interface PromptBounds {
  readonly low: number
  readonly high: number
  /** The maximum number of web searches. */
  readonly searches: number
  readonly notes: readonly string[]
}

/** Bounds the prompt in tokens, summed over the rounds of server tools, and the number of searches. */
export function promptBounds(facts: RequestFacts, model: Model, day: string): PromptBounds {
  const window = windowTokens(model, openBetas(facts, model, day), day)
  const known = wholeCount(facts.input_tokens)
  const [low, once] =
    known === undefined ? [1, Math.min(window, measured(facts, model, day))] : [known, known]
  if (!hasServerTools(facts)) return { low, high: once, searches: 0, notes: [] }
  const searching = facts.tool_types?.some((type) => type.startsWith('web_search_')) === true
  const searches = searching ? (wholeCount(facts.web_search_max_uses) ?? serverToolRounds) : 0
  const notes = [
    `A server tool may read the prompt ${serverToolRounds} times, each time up to the context window.`,
  ]
  if (searching && facts.web_search_max_uses === undefined) {
    notes.push(
      `Without max_uses the number of searches is not limited; one in each of ${serverToolRounds} rounds is assumed.`,
    )
  }
  return { low, high: Math.max(once, window * serverToolRounds), searches, notes }
}

/** After this many rounds the answer pauses (Tool use page; the default). */
const serverToolRounds = 10

function hasServerTools({ tool_types, body_members }: RequestFacts): boolean {
  const serverTools = [
    'web_search_',
    'web_fetch_',
    'code_execution_',
    'tool_search_',
    'advisor_',
    'mcp_toolset',
  ]
  const typed = tool_types?.some((type) => serverTools.some((prefix) => type.startsWith(prefix))) === true
  return typed || body_members?.includes('mcp_servers') === true
}

/**
 * An upper bound: a token has at least one byte, and the JSON around a text is longer than the model's own
 * markup. Encrypted content (thinking, search results) is assumed to be no shorter than its plain text.
 */
function measured(facts: RequestFacts, model: Model, day: string): number {
  const { image_count = 0, document_count = 0, tool_types = [] } = facts
  const input_bytes = wholeCount(facts.input_bytes)
  const extras = tool_types.map(toolExtra)
  if (input_bytes === undefined || document_count > 0 || extras.includes(undefined)) return Infinity
  const images = image_count * imageTokens[model.imageDetail]
  const tools = facts.has_tools === false ? 0 : toolPrompt(model, day)
  return input_bytes + images + tools + extras.reduce((sum: number, tokens) => sum + (tokens ?? 0), 0)
}

/**
 * The maximum tokens of one image. Vision page, November 2025: 784 x 1568 pixels are not scaled down, at
 * 750 to the token; August 2026: 1,568 tokens, and 4,784 in high resolution.
 */
const imageTokens = { standard: 1640, high: 4784 } as const

/** The largest published figure for a built-in tool; undefined if only an approximate one is published. */
function toolExtra(type: string): number | undefined {
  if (type.includes('_toolset_')) return undefined
  const rows = toolTokens.filter(({ tool }) => type === tool || type.startsWith(`${tool}_20`))
  if (rows.length === 0) return undefined
  const most = Math.max(...rows.flatMap(({ tokens, since47 }) => [tokens, since47]))
  return type.startsWith('computer_') ? most + computerPromptTokens : most
}

/** Computer use adds 466 to 499 to the system prompt besides its definition (Pricing page, November 2025). */
const computerPromptTokens = 499

/** If the model's own figure is not known, the largest of any model. */
function toolPrompt(model: Model, day: string): number {
  const tokens = valueOn(model.toolPromptTokens, day) ?? model.toolPromptTokens[0]
  return tokens === undefined ? 804 : Math.max(tokens.auto, tokens.forced ?? 0)
}

/** The count if it is a valid one; the input is untrusted. */
export function wholeCount(count: number | undefined): number | undefined {
  return Number.isSafeInteger(count) && (count ?? 0) >= 0 ? count : undefined
}
