/** A conversation in the terms that all protocols share, read without validation: the upstream validates. */
export interface Conversation {
  /** Without system messages. */
  readonly turns: readonly ConversationTurn[]
  /** The system prompt as the client sent it; null: there is none. */
  readonly system: unknown
  readonly tools: readonly string[]
  /** The definitions of the tools as the client sent them; null: there are none. */
  readonly toolDefinitions: unknown
  /** The form that the request requires of its answer: a schema of its output, a choice of tools; null: none. */
  readonly output: unknown
}

/** One message. */
export interface ConversationTurn {
  readonly role: 'user' | 'assistant'
  readonly texts: readonly string[]
  readonly calls: readonly { readonly id: string; readonly name: string }[]
  readonly results: readonly ToolResult[]
  /** Images, documents, and all other content that is no text. */
  readonly media: readonly unknown[]
}

/** The result of a call, with what it has beside texts. */
export interface ToolResult {
  readonly id: string
  readonly text: string
  readonly media: readonly unknown[]
}

export const emptyTurn = { texts: [], calls: [], results: [], media: [] } as const

/** Joins what several blocks of one message contribute. */
export function joinTurns(
  role: ConversationTurn['role'],
  parts: readonly Partial<Omit<ConversationTurn, 'role'>>[],
): ConversationTurn {
  return {
    role,
    texts: parts.flatMap(({ texts = [] }) => texts),
    calls: parts.flatMap(({ calls = [] }) => calls),
    results: parts.flatMap(({ results = [] }) => results),
    media: parts.flatMap(({ media = [] }) => media),
  }
}

/** Joins the members that require a form of the answer; null: there are none. */
export function joinOutput(members: Readonly<Record<string, unknown>>): unknown {
  return Object.values(members).every((value) => value === undefined) ? null : members
}

export function listItems(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
