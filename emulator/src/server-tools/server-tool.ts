import { readRecord } from '@anthology/wire'
import type { MessagesRequest, Tool } from '@anthology/wire'

import { listOfferedTools } from '../tools/offered-tools.ts'
import type { Domains } from './domains.ts'

/** A server tool that the emulator supports. */
export interface ServerTool {
  readonly name: 'web_search' | 'web_fetch' | 'code_execution'
  /** The date of its version, such as `20250305`. */
  readonly version: string
  readonly maxUses: number
  readonly domains: Domains
  readonly isCited: boolean
  readonly maxContentTokens: number
}

export function listServerTools(request: Pick<MessagesRequest, 'tools' | 'messages'>): readonly ServerTool[] {
  return listOfferedTools(request).flatMap(({ tool }) => readServerTool(tool) ?? [])
}

const supportedType = /^(web_search|web_fetch|code_execution)_(\d{8})$/

function readServerTool(tool: Tool): ServerTool | null {
  const options: Readonly<Record<string, unknown>> = { ...tool }
  const [, kind, version = ''] = supportedType.exec(String(tool.type)) ?? []
  const name = names.find((one) => one === kind)
  if (!name || !isCalledDirectly(tool)) return null
  return {
    name,
    version,
    maxUses: numberOr(options['max_uses']),
    domains: {
      allowed: textsOr(options['allowed_domains'], null),
      blocked: textsOr(options['blocked_domains'], []),
    },
    isCited: readRecord(options, 'citations')?.['enabled'] === true,
    maxContentTokens: numberOr(options['max_content_tokens']),
  }
}

const names = ['web_search', 'web_fetch', 'code_execution'] as const

/** `allowed_callers` may restrict a tool to calls from code (platform.claude.com, agents-and-tools/tool-use, 2026). */
export function isCalledDirectly(tool: Tool): boolean {
  const callers: unknown = Object.entries(tool).find(([option]) => option === 'allowed_callers')?.[1]
  return !Array.isArray(callers) || callers.includes('direct')
}

function numberOr(value: unknown): number {
  return typeof value === 'number' ? value : Infinity
}

function textsOr<Other>(value: unknown, other: Other): readonly string[] | Other {
  return Array.isArray(value) && value.length > 0 ? value.map(String) : other
}
