import { isRecord, readRecord } from '@anthology/wire'

import type { ValidRequest } from '../message/valid-request.ts'
import { findToolIntents, findName } from './intent.ts'
import type { ToolIntent } from './intent.ts'
import { listClientTools } from './client-tools.ts'
import type { ClientTool } from './client-tools.ts'
import { seriesFor } from './hint-picker.ts'
import { readHints } from './hints.ts'
import type { Hint } from './hints.ts'
import { flatten, toList, listTypes } from './schema.ts'
import type { Turn } from './turn.ts'

/** A call that the answer makes. */
export interface PlannedCall {
  readonly tool: ClientTool
  /** Where the question says what it is for. */
  readonly anchor: number
}

export interface CallPlan {
  readonly calls: readonly PlannedCall[]
  readonly hints: readonly Hint[]
  /** The model had to call, so that it says nothing before. */
  readonly isSilent: boolean
}

/**
 * Which tools an answer calls. `tool` and `any` are obeyed; with `auto` a tool is called that the question
 * plainly asks for and that has not been called since, and one that is meant for the final answer.
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
  const intended = askedNow(turn, tools, { hints, system: prompt.system })
  if (intended.calls.length > 0) return plan(intended.calls, choice.type === 'any' || intended.isFinal)
  const [first] = tools
  return choice.type === 'any' && first ? plan([{ tool: first, anchor: 0 }], true) : plan([], false)
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

function askedNow(turn: Turn, tools: readonly ClientTool[], { hints, system }: CallContext): IntendedCalls {
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

/** One thing after the other, so that a later call may use what an earlier one brought. */
function isInOrder(question: string): boolean {
  return /\b(?:then|after that|afterwards|once you have|next|finally)\b/i.test(question)
}

/** By its own description or by the system prompt, as agents do that want their last word in a shape. */
function isFinal({ name, description }: ClientTool, system: string): boolean {
  if (finalDescription.test(description)) return true
  let at = system.indexOf(name)
  for (let seen = 0; at >= 0 && seen < maxMentions; seen += 1) {
    // Only the words around it: the prompts of agents are long, and name every tool.
    const mention = system.slice(Math.max(0, at - mentionChars), at + name.length + mentionChars)
    if (finalMention.test(mention) && findName(mention, name) >= 0) return true
    at = system.indexOf(name, at + name.length)
  }
  return false
}

const finalDescription =
  /\b(?:return|provide|submit|give|report|deliver|output) (?:your|the|a) (?:final|structured) (?:answer|response|result|output|report)|\b(?:call|use) this tool\b[^.]{0,60}\bat the end of your response/i
const finalMention =
  /\b(?:call|use|using|through|via|with)\b[^.]{0,120}\bfinal (?:answer|response|result|output|report)\b|\bfinal (?:answer|response|result|output|report)\b[^.]{0,120}\b(?:call|use|using|through|via|with)\b/i
const mentionChars = 160
const maxMentions = 20

/** `Paris, Rome and Oslo` are three calls of a tool that takes one place. */
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
  const series = seriesFor(name, question, hints, at)
  return series.length < 2 ? once : series.map((hint) => ({ tool, anchor: hint.at }))
}
