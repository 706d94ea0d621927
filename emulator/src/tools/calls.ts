import { isRecord, readRecord } from '@anthology/wire'

import type { ValidRequest } from '../message/valid-request.ts'
import { findToolIntents, findName } from './intent.ts'
import type { ToolIntent } from './intent.ts'
import { listClientTools } from './client-tools.ts'
import type { ClientTool } from './client-tools.ts'
import { findSeries } from './hint-picker.ts'
import { readHints } from './hints.ts'
import type { Hint } from './hints.ts'
import { flatten, toList, listTypes } from './schema.ts'
import type { Turn } from './turn.ts'

/** A tool call of the answer. */
export interface PlannedCall {
  readonly tool: ClientTool
  /** The offset in the question that the call refers to. */
  readonly anchor: number
}

export interface CallPlan {
  readonly calls: readonly PlannedCall[]
  readonly hints: readonly Hint[]
  /** The call is forced, so no text precedes it. */
  readonly isSilent: boolean
}

/**
 * Plans the tool calls of an answer. `tool` and `any` force a call. With `auto` the answer calls the tools that the
 * question clearly requests and that have not been called since, and then a tool that is meant for the final answer.
 */
export function planCalls({ request, betas, prompt }: ValidRequest, turn: Turn): CallPlan {
  const tools = listClientTools(request, betas)
  const choice = request.tool_choice ?? { type: 'auto' }
  const { question } = turn
  const hints = tools.length === 0 ? [] : readHints(question)
  const plan = (calls: readonly PlannedCall[], isSilent: boolean): CallPlan => ({
    hints,
    isSilent,
    calls: isSingle(choice) ? calls.slice(0, 1) : calls,
  })
  if (choice.type === 'none' || tools.length === 0) return plan([], false)
  if (choice.type === 'tool') {
    const tool = tools.find(({ name }) => name === choice.name)
    return plan(tool ? [{ tool, anchor: 0 }] : [], true)
  }
  const intended = findIntendedCalls(turn, tools, { hints, system: prompt.system })
  if (intended.calls.length > 0) return plan(intended.calls, choice.type === 'any' || intended.isFinal)
  if (choice.type !== 'any') return plan([], false)
  // A tool that has not been called yet, so that a loop that forces a call in every step reaches its last tool.
  const forced = tools.find(({ name }) => !turn.calls.some((call) => call.name === name)) ?? tools[0]
  return plan(forced ? [{ tool: forced, anchor: 0 }] : [], true)
}

function isSingle(choice: { readonly type: string; readonly disable_parallel_tool_use?: boolean }): boolean {
  return choice.disable_parallel_tool_use === true
}

interface CallContext {
  readonly hints: readonly Hint[]
  readonly system: string
}

interface IntendedCalls {
  readonly calls: readonly PlannedCall[]
  readonly isFinal: boolean
}

function findIntendedCalls(
  turn: Turn,
  tools: readonly ClientTool[],
  { hints, system }: CallContext,
): IntendedCalls {
  const { question, calls } = turn
  const finals = tools.filter((tool) => isFinal(tool, system))
  const intended = findToolIntents(
    question,
    tools.filter((tool) => !finals.includes(tool)),
    hints,
  )
  const open = intended.filter(({ tool }) => !calls.some(({ name }) => name === tool.name))
  if (open.length > 0) {
    const now = isInOrder(question) ? open.slice(0, 1) : open
    return { calls: now.flatMap((one) => repeatForSeries(one, question, hints)), isFinal: false }
  }
  const final = finals.find(({ name }) => !calls.some((call) => call.name === name))
  return { calls: final ? [{ tool: final, anchor: 0 }] : [], isFinal: true }
}

/** Whether the question requests sequential steps, so that a later call can use an earlier result. */
function isInOrder(question: string): boolean {
  return /\b(?:then|after that|afterwards|once you have|next|finally)\b/i.test(question)
}

/** Whether a tool's description or the system prompt reserves it for the final answer, as agents with typed output do. */
function isFinal({ name, description }: ClientTool, system: string): boolean {
  if (finalDescription.test(description)) return true
  let at = system.indexOf(name)
  for (let seen = 0; at >= 0 && seen < maxMentions; seen += 1) {
    // Only the words around the name: the prompts of agents are long and mention every tool.
    const mention = system.slice(Math.max(0, at - mentionChars), at + name.length + mentionChars)
    if (finalMention.test(mention) && findName(mention, name) >= 0) return true
    at = system.indexOf(name, at + name.length)
  }
  return false
}

const finalDescription =
  /\b(?:return|provide|submit|give|report|deliver|output) (?:your|the|a) (?:final|structured) (?:answer|response|result|output|report)|\b(?:call|use) this tool\b[^.]{0,60}\bat the end of your response|\brespond with a json object\b/i
const finalMention =
  /\b(?:call|use|using|through|via|with)\b[^.]{0,120}\bfinal (?:answer|response|result|output|report)\b|\bfinal (?:answer|response|result|output|report)\b[^.]{0,120}\b(?:call|use|using|through|via|with)\b/i
const mentionChars = 160
const maxMentions = 20

/** Expands a list such as `Paris, Rome and Oslo` to one call each if the tool accepts a single value. */
function repeatForSeries(
  { tool, at }: ToolIntent,
  question: string,
  hints: readonly Hint[],
): readonly PlannedCall[] {
  const once = [{ tool, anchor: at }]
  if (tool.schema === null) return once
  const flat = flatten(tool.schema, tool.schema, () => 0)
  const properties = readRecord(flat, 'properties') ?? {}
  const [name, ...others] = toList(flat['required']).filter((required) => {
    const property = properties[String(required)]
    return (
      isRecord(property) && listTypes(property['type']).includes('string') && property['enum'] === undefined
    )
  })
  if (typeof name !== 'string' || others.length > 0) return once
  const series = findSeries(name, question, hints, at)
  return series.length < 2 ? once : series.map((hint) => ({ tool, anchor: hint.at }))
}
