import type { Message } from '@anthology/wire'

import { createEmulator } from '../../src/index.ts'
import type { Emulator, Rule, ScriptedReply } from '../../src/index.ts'
import { ask, collect, getJson } from '../collecting-receiver.ts'

export type Members = Readonly<Record<string, unknown>>

export const note = {
  name: 'note',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

/** An emulator whose only rule, with the name `it`, has this reply. */
export function replyWith(reply: ScriptedReply): Emulator {
  return createEmulator({ scenario: { version: 1, rules: [{ name: 'it', reply }] } })
}

export function createWith(...rules: readonly Rule[]): Emulator {
  return createEmulator({ scenario: { version: 1, unmatched: 'refuse', rules } })
}

/** The status of an answer, and its message or the text of its error. */
export async function send(
  emulator: Emulator,
  body: Members,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly [status: number, answer: unknown]> {
  const collected = await collect(emulator, { body, headers })
  const answer = getJson(collected) as { error?: { message: string } } // The shape of every answer.
  return [collected.status, answer.error?.message ?? answer]
}

/** The message that a reply becomes; fails if it is refused. */
export async function play(reply: ScriptedReply, more: Members = {}, headers = {}): Promise<Message> {
  const [status, answer] = await send(replyWith(reply), ask('Hello!', more), headers)
  if (status !== 200) throw new Error(String(answer))
  return answer as Message // With status 200 it is one.
}

/** The reason why a reply is refused: what follows the name of the rule. */
export async function reject(reply: ScriptedReply, more: Members = {}, headers = {}): Promise<string> {
  const [status, answer] = await send(replyWith(reply), ask('Hello!', more), headers)
  const [, reason] =
    /^The scenario's rule 1 "it" cannot answer this request: (.*)$/s.exec(String(answer)) ?? []
  if (status !== 400 || reason === undefined) throw new Error(`${status}: ${JSON.stringify(answer)}`)
  return reason
}
