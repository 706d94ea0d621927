import { monotonicMs } from '../../clock.ts'
import { randomText } from '../../http/request-id.ts'
import { createAnswerGroups } from '../../routing/answer-groups.ts'
import { parseAnswers, printAnswers } from '../../routing/answer-payload.ts'
import type { SharedAnswer } from '../../routing/warmth.ts'
import { answerChannel } from './changes.ts'
import type { Connections } from './connections.ts'

/** The answers that all servers on a PostgreSQL have to know. */
export interface SharedAnswers {
  share(answers: readonly SharedAnswer[]): void
  /** Reads a message of another server. */
  onPayload(payload: string): void
}

/** A message that is lost leaves the other servers with what they knew before, until the next one. */
export function createSharedAnswers(
  connections: Connections,
  onAnswers: (answers: readonly SharedAnswer[]) => void,
): SharedAnswers {
  const sender = randomText(12)
  return {
    share: createAnswerGroups({
      intervalMs: 50,
      send: async (answers) => {
        const payloads = printAnswers(answers, { sender, nowMs: monotonicMs(), maxBytes: maxPayloadBytes })
        await connections.use(async (client) => {
          for (const payload of payloads)
            await client.query('SELECT pg_notify($1, $2)', [answerChannel, payload])
        })
      },
    }),
    onPayload(payload) {
      const answers = parseAnswers(payload, { sender, nowMs: monotonicMs() })
      if (answers.length > 0) onAnswers(answers)
    },
  }
}

/** PostgreSQL accepts less than 8,000 bytes. */
const maxPayloadBytes = 7_900
