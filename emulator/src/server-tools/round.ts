import type { Citation, ServerToolResultBlock } from '@anthology/wire'

/** One use of a server tool: its input and its result. */
export interface Round {
  /** As in `server_tool_use`. */
  readonly name: string
  readonly input: Readonly<Record<string, unknown>>
  readonly result: { readonly type: ServerToolResultBlock['type']; readonly content: object }
  /** The result as the answer's text describes it. */
  readonly summary: { readonly text: string; readonly isError: boolean }
  readonly citations: readonly Citation[]
}

type ToolName =
  | 'web_search'
  | 'web_fetch'
  | 'code_execution'
  | 'bash_code_execution'
  | 'text_editor_code_execution'

export function createRound(
  name: ToolName,
  input: Round['input'],
  content: object,
  summary: { readonly text: string; readonly citations?: readonly Citation[] },
): Round {
  const { text, citations = [] } = summary
  return {
    name,
    input,
    result: { type: `${name}_tool_result`, content },
    summary: { text, isError: false },
    citations,
  }
}

/** Errors of server tools are part of a successful response (docs.claude.com, agents-and-tools/tool-use). */
export function createFailedRound(name: ToolName, input: Round['input'], code: string): Round {
  return {
    name,
    input,
    result: { type: `${name}_tool_result`, content: { type: `${name}_tool_result_error`, error_code: code } },
    summary: { text: code, isError: true },
    citations: [],
  }
}
