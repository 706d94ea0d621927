import type { CallDetail } from '../../api/calls.ts'
import { Facts } from '../../parts/facts.tsx'
import { formatDuration, formatTime } from '../../parts/format.ts'
import { callTexts } from '../../texts/calls.ts'

const texts = callTexts.detail

/** When a call began, sent its first byte and token, and ended: as a bar and as text. */
export function CallTimeline({ call }: { readonly call: CallDetail }) {
  const { total_ms: total, first_byte_ms: firstByte, first_token_ms: firstToken } = call
  return (
    <section className="stack">
      <h3>{texts.timeline}</h3>
      {total !== null && total > 0 && (
        <svg className="timeline" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
          <rect x="0" y="0" width="100" height="6" className="timeline-wait" />
          <rect
            x={share(firstToken ?? firstByte ?? total, total)}
            y="0"
            width={100 - share(firstToken ?? firstByte ?? total, total)}
            height="6"
            className="timeline-answer"
          />
        </svg>
      )}
      <Facts
        facts={[
          [texts.started, formatTime(call.started_at)],
          [texts.firstByte, firstByte === null ? null : `+ ${formatDuration(firstByte)}`],
          [texts.firstToken, firstToken === null ? null : `+ ${formatDuration(firstToken)}`],
          [texts.ended, total === null ? null : `+ ${formatDuration(total)}`],
        ]}
      />
    </section>
  )
}

function share(ms: number, totalMs: number): number {
  return Math.min(100, (ms / totalMs) * 100)
}
