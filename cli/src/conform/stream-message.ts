import type { Target } from './check.ts'
import { ensureStatus } from './dialect.ts'
import type { Body, Dialect } from './dialect.ts'
import { assemble } from './stream.ts'
import type { StreamedMessage } from './stream.ts'

/** Streams a message, and requires the documented order of its events. */
export async function streamMessage(dialect: Dialect, target: Target, body: Body): Promise<StreamedMessage> {
  const answer = await dialect.ask(target, body, { stream: true })
  ensureStatus(answer, [200])
  return assemble(dialect.readEvents(answer))
}
