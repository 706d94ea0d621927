import type { Upstream } from '@anthology/wire'

import type { RecordedResponse } from '../cassette.ts'
import { sendCaptured } from '../record/capture.ts'
import { recordExchange } from '../record/record-exchange.ts'
import type { RedactionOptions } from '../redaction/redactor.ts'
import type { Player } from './player.ts'
import { summarizeAnswer } from './summarize-answer.ts'

/** A live answer compared with its recording. All texts are redacted. */
export interface Comparison {
  /** Method and path. */
  readonly request: string
  /** The file and the number of the exchange; null: the request has no recording. */
  readonly recording: string | null
  /** One line for each difference; none: the answers have the same content. */
  readonly differences: readonly string[]
}

export interface ComparerOptions extends RedactionOptions {
  readonly player: Player
  readonly now: () => number
  readonly onCompared: (comparison: Comparison) => void
}

/** Wraps an upstream: its answers pass through, and each is compared with its recording. */
export function createComparer(upstream: Upstream, options: ComparerOptions): Upstream {
  const { player, now, onCompared } = options
  return {
    send: (request, receiver) => {
      const name = `${request.method} ${request.path.split('?')[0]}`
      const report = (recording: string | null, differences: readonly string[]): void =>
        onCompared({ request: name, recording, differences })
      return sendCaptured(upstream, request, receiver, {
        now,
        onLost: (because) => report(null, [because]),
        onExchange: (captured) => {
          const live = recordExchange(captured, options)
          if (!live.ok) return report(null, [live.because])
          const recorded = player.take(live.exchange.request)
          if (!recorded.ok) return report(null, [recorded.message])
          report(recorded.label, compareResponses(recorded.exchange.response, live.exchange.response))
        },
      })
    },
  }
}

function compareResponses(recorded: RecordedResponse, live: RecordedResponse): readonly string[] {
  const [before, now] = [summarizeAnswer(recorded), summarizeAnswer(live)]
  return (['status', 'stop_reason', 'tool_calls', 'text', 'other'] as const).flatMap((name) => {
    const [one, other] = [JSON.stringify(before[name]), JSON.stringify(now[name])]
    return one === other ? [] : `${name} was ${cutText(one)}, and is ${cutText(other)}`
  })
}

function cutText(text = 'missing'): string {
  return text.length <= maxShownLength ? text : `${text.slice(0, maxShownLength)}…`
}

const maxShownLength = 300
