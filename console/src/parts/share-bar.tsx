import { formatShare } from './format.ts'

interface ShareOfProps {
  readonly percent: number
  /** Default: the share. */
  readonly text?: string
}

/** The used part of a limit: a text, and the same as a bar. */
export function ShareOf({ percent, text = formatShare(percent / 100) }: ShareOfProps) {
  const tone = percent >= 95 ? 'bad' : percent >= 75 ? 'warn' : 'good'
  return (
    <span className="stack">
      <span className="small nowrap">{text}</span>
      <span className={`bar ${tone}`} aria-hidden="true">
        <svg viewBox="0 0 100 6" preserveAspectRatio="none">
          <rect width={Math.min(100, Math.max(0, percent))} height="6" />
        </svg>
      </span>
    </span>
  )
}
