import { createId } from '../../parts/create-id.ts'

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
  system: 'You are a concise assistant.',
  turns: [createTurn('user', 'What is the weather in Lisbon?')],
  tools: JSON.stringify(
    [
      {
        name: 'get_weather',
        description: 'Get the weather in a city',
        input_schema: {
          type: 'object',
          properties: { city: { type: 'string', description: 'The city' } },
          required: ['city'],
        },
      },
    ],
    null,
    2,
  ),
}

const storageKey = 'anthology.playground'

/** Reads the draft that this browser keeps; the example without one. */
export function loadDraft(): Draft {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(storageKey) ?? 'null')
    // Written by `keepDraft`, perhaps by an older version that lacks a member.
    return typeof kept === 'object' && kept !== null ? { ...emptyDraft, ...kept } : exampleDraft
  } catch {
    return exampleDraft
  }
}

/** Keeps the draft in this browser. One that is too large for it is kept without its files, and else not at all. */
export function keepDraft(draft: Draft): void {
  if (store(draft)) return
  const turns = draft.turns.map((turn) => ({
    ...turn,
    blocks: turn.blocks.filter(({ kind }) => kind !== 'file'),
  }))
  if (!store({ ...draft, turns })) localStorage.removeItem(storageKey)
}

function store(draft: Draft): boolean {
  try {
    localStorage.setItem(storageKey, JSON.stringify(draft))
    return true
  } catch {
    return false
  }
}

/** Whether two drafts differ in nothing but the ids of their turns. */
export function isSameDraft(one: Draft, other: Draft): boolean {
  const print = (draft: Draft) =>
    JSON.stringify({
      ...draft,
      turns: draft.turns.map(({ role, blocks, cache: mark }) => ({ role, blocks, mark })),
    })
  return print(one) === print(other)
}
