import { createId } from '../../parts/create-id.ts'
import { playgroundTexts } from '../../texts/playground.ts'

const example = playgroundTexts.exampleDraft

/** The prompt that the user edits, with its settings. It is plain data, so that it can be kept and compared. */
export interface Draft {
  readonly system: string
  readonly turns: readonly Turn[]
  /** The JSON text of `tools`; empty: none. */
  readonly tools: string
  /** `auto`, `any`, `none`, or the name of a tool; empty: not sent. */
  readonly toolChoice: string
  /** A value of `thinking.type`; empty: not sent. */
  readonly thinking: string
  readonly budgetTokens: string
  readonly effort: string
  /** The JSON schema of the answer as text; empty: none. */
  readonly schema: string
  readonly maxTokens: string
  readonly temperature: string
  readonly topP: string
  readonly topK: string
  /** One sequence on each line. */
  readonly stopSequences: string
  /** One beta on each line. */
  readonly betas: string
  /** A JSON object with further members of the request, which replace those of the other fields; empty: none. */
  readonly otherMembers: string
  readonly cache: CacheMarks
  readonly isStreamed: boolean
}

/** The places of cache breakpoints, and their time to live. */
export interface CacheMarks {
  readonly tools: boolean
  readonly system: boolean
  readonly lastTurn: boolean
  readonly ttl: '5m' | '1h'
}

export interface Turn {
  readonly id: string
  readonly role: 'user' | 'assistant'
  readonly blocks: readonly Block[]
  /** The time to live of a cache breakpoint after the message; without one there is none. */
  readonly cache?: CacheMarks['ttl'] | undefined
}

/** A content block as it is edited. `raw` is sent as it is: thinking, and blocks of server tools. */
export type Block =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'file'
      readonly name: string
      readonly mediaType: string
      /** Base64. */
      readonly data: string
    }
  | {
      readonly kind: 'tool_result'
      readonly toolUseId: string
      readonly toolName: string
      readonly text: string
      readonly isError: boolean
    }
  | { readonly kind: 'raw'; readonly value: Readonly<Record<string, unknown>> }

export const emptyDraft: Draft = {
  system: '',
  turns: [createTurn('user', '')],
  tools: '',
  toolChoice: '',
  thinking: '',
  budgetTokens: '2048',
  effort: '',
  schema: '',
  maxTokens: '1024',
  temperature: '',
  topP: '',
  topK: '',
  stopSequences: '',
  betas: '',
  otherMembers: '',
  cache: { tools: false, system: false, lastTurn: false, ttl: '5m' },
  isStreamed: true,
}

export function createTurn(role: Turn['role'], text: string): Turn {
  return { id: createId(), role, blocks: [{ kind: 'text', text }] }
}

/** An example for an empty playground: a question that needs a tool. */
export const exampleDraft: Draft = {
  ...emptyDraft,
  system: example.system,
  turns: [createTurn('user', example.question)],
  tools: JSON.stringify(
    [
      {
        name: 'get_weather',
        description: example.tool,
        input_schema: {
          type: 'object',
          properties: { city: { type: 'string', description: example.city } },
          required: ['city'],
        },
      },
    ],
    null,
    2,
  ),
}
