import type { InputBlock } from '@anthology/wire'

import type { ValidRequest } from '../message/valid-request.ts'
import type { Settings } from '../options/settings.ts'
import { listBlocks } from '../thinking/turn.ts'
import { readHints } from '../tools/hints.ts'
import { findLastUser } from '../message/last-user.ts'
import { runCode } from './code.ts'
import type { CodeTask } from './code.ts'
import { fetchPage } from './fetch.ts'
import { createFailedRound } from './round.ts'
import type { Round } from './round.ts'
import { search } from './search.ts'
import { listOfferedTools } from '../tools/offered-tools.ts'
import { listServerTools } from './server-tool.ts'
import type { ServerTool } from './server-tool.ts'
import { getQuery, readIntent, createTask } from './intent.ts'
import type { ServerToolIntent } from './intent.ts'

/** The uses of server tools for an answer. */
export interface ServerPlan {
  /** All rounds of the turn, including those of earlier answers. */
  readonly rounds: readonly Round[]
  /** The number of rounds that are already in the conversation. */
  readonly done: number
  /** The id of a use at the end of the conversation whose result is still missing. */
  readonly openId: string | null
  /** The end index of this answer's rounds. */
  readonly end: number
  /** The turn has more rounds than fit in this answer. */
  readonly isPaused: boolean
  /** The trailing assistant text, which the answer continues. */
  readonly prefill: string
}

/**
 * Plans the server tools of an answer. `tool` and `any` force a use if there is none yet; `auto` uses the tools that the
 * question clearly requests. After ten rounds the turn pauses, and it continues when the client sends the content back
 * (docs.claude.com, build-with-claude/handling-stop-reasons).
 */
export function planServerTools(validation: ValidRequest, question: string, settings: Settings): ServerPlan {
  const { request, prompt } = validation
  const tools = listServerTools(request)
  const start = findLastUser(request.messages)
  const since = request.messages.slice(start + 1)
  const blocks = since.filter(({ role }) => role === 'assistant').flatMap(listBlocks)
  const rounds =
    tools.length === 0 || request.tool_choice?.type === 'none'
      ? []
      : listRounds(tools, { validation, question, settings, documents: countDocuments(validation, start) })
  const lastServer = blocks.findLastIndex(isServerTool)
  const isAnswering = request.messages.at(-1)?.role === 'assistant'
  const prefill = lastServer < 0 || !isAnswering ? prompt.prefill : getText(blocks.slice(lastServer + 1))
  const done = Math.min(rounds.length, blocks.filter(isResult).length)
  // Text that the answer continues comes after the last round, so there are no further rounds.
  const end = prefill === '' ? Math.min(rounds.length, done + maxRounds) : done
  const last = blocks.at(-1)
  const isOpen = last?.type === 'server_tool_use' && last.name === rounds[done]?.name
  return {
    rounds,
    done,
    openId: isOpen ? last.id : null,
    end,
    isPaused: prefill === '' && end < rounds.length,
    prefill,
  }
}

/** The API's default (docs.claude.com, build-with-claude/handling-stop-reasons). */
const maxRounds = 10

function isServerTool(block: InputBlock): boolean {
  return block.type === 'server_tool_use' || isResult(block)
}

function isResult({ type }: InputBlock): boolean {
  return /^(?:web_search|web_fetch|(?:bash_|text_editor_)?code_execution)_tool_result$/.test(type)
}

function getText(blocks: readonly InputBlock[]): string {
  return blocks.flatMap((block) => (block.type === 'text' ? block.text : [])).join('')
}

interface GenerationContext {
  readonly validation: ValidRequest
  readonly question: string
  readonly settings: Settings
  readonly documents: number
}

function listRounds(
  tools: readonly ServerTool[],
  { validation, ...context }: GenerationContext,
): readonly Round[] {
  const { question, settings, documents } = context
  const { request, prompt } = validation
  const { tokenizer } = prompt
  const choice = request.tool_choice
  const requested = readIntent(question, readHints(question))
  const isServed = tools.some((tool) => countUses(tool, requested) > 0)
  const isOnly = tools.length === listOfferedTools(request).length
  const forced =
    choice?.type === 'tool'
      ? tools.find(({ name }) => name === choice.name)
      : choice?.type === 'any' && !isServed && isOnly
        ? tools[0]
        : undefined
  const intent = forced ? withForced(forced, requested, question) : requested
  const retrievedAt = new Date(settings.now()).toISOString()
  const chosen = choice?.type === 'tool' ? tools.filter((tool) => tool === forced) : tools
  return chosen.flatMap((tool) => {
    switch (tool.name) {
      case 'web_search':
        return runLimited(tool, intent.queries, (query) => search(query, tool, settings.seed), rejectQuery)
      case 'web_fetch': {
        const fetched = (url: string, index: number): Round =>
          fetchPage(url, tool, { retrievedAt, documentIndex: documents + index, tokenizer })
        return runLimited(tool, intent.urls, fetched, rejectUrl)
      }
      case 'code_execution':
        return intent.tasks.map((task: CodeTask) => runCode(task, tool))
    }
  })
}

function countUses({ name }: ServerTool, { queries, urls, tasks }: ServerToolIntent): number {
  return { web_search: queries, web_fetch: urls, code_execution: tasks }[name].length
}

/** Adds a use of a forced tool if the question requests none. */
function withForced(tool: ServerTool, intent: ServerToolIntent, question: string): ServerToolIntent {
  if (countUses(tool, intent) > 0) return intent
  switch (tool.name) {
    case 'web_search':
      return { ...intent, queries: [getQuery(question)] }
    case 'web_fetch':
      return { ...intent, urls: ['https://example.org/'] }
    case 'code_execution':
      return { ...intent, tasks: [createTask(question, readHints(question))] }
  }
}

/** The first use that exceeds `max_uses` gets an error, and later ones are not tried. Inferred: the limit applies per turn. */
function runLimited(
  { maxUses }: ServerTool,
  inputs: readonly string[],
  run: (input: string, index: number) => Round,
  reject: (input: string) => Round,
): readonly Round[] {
  return inputs
    .slice(0, maxUses + 1)
    .map((input, index) => (index < maxUses ? run(input, index) : reject(input)))
}

function rejectQuery(query: string): Round {
  return createFailedRound('web_search', { query }, 'max_uses_exceeded')
}

function rejectUrl(url: string): Round {
  return createFailedRound('web_fetch', { url }, 'max_uses_exceeded')
}

/** Counts the documents before the turn's first answer, because document indexes span all messages. */
function countDocuments({ request }: ValidRequest, start: number): number {
  const open: unknown[] = request.messages.slice(0, start + 1).map(({ content }) => content)
  let documents = 0
  while (open.length > 0) {
    const next = open.pop()
    if (typeof next !== 'object' || next === null) continue
    if ('type' in next && next.type === 'document') documents += 1
    else for (const member of Object.values(next)) open.push(member)
  }
  return documents
}
