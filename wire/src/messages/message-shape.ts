import { isRecord } from '../body/json-value.ts'
import { inputBlock } from './block-shapes.ts'
import { chosen, list, literal, orNull, record, required, text, textOr } from './shape.ts'
import type { Problem, Shape } from './shape.ts'

const content = textOr(list(inputBlock))

const members = { role: required(text), content: required(content) }
const turn = record(members)

/** A system message in mid-conversation, as sent by Claude Code (types of SDK 1.12, 2026). */
const systemEntry = record({
  ...members,
  clear_at: orNull(literal('next_user_message', 'never')),
  output_config: orNull(record({ effort: orNull(literal('low', 'medium', 'high', 'xhigh', 'max')) })),
})

export const messageShape: Shape = chosen((value) =>
  isRecord(value) && value['role'] === 'system' ? systemEntry : turn,
)

/** Finds an unknown role; like the API, it names no message. */
export function findRoleProblem(messages: unknown): Problem | null {
  for (const message of Array.isArray(messages) ? messages : []) {
    const role = isRecord(message) ? message['role'] : undefined
    if (typeof role !== 'string' || roles.has(role)) continue
    const shown = role.slice(0, 100)
    return {
      path: 'messages',
      message: `Unexpected role "${shown}". Allowed roles are "user" or "assistant"`,
    }
  }
  return null
}

const roles: ReadonlySet<string> = new Set(['user', 'assistant', 'system'])
