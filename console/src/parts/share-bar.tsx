interface ShareBarProps {
  readonly percent: number
  readonly tone: 'good' | 'warn' | 'bad'
}

/** A share as a bar. The text beside it has the number. */
export function ShareBar({ percent, tone }: ShareBarProps) {
  return (
    <span className={`bar ${tone}`} aria-hidden="true">
      <svg viewBox="0 0 100 6" preserveAspectRatio="none">
        <rect width={Math.min(100, Math.max(0, percent))} height="6" />
      </svg>
    </span>
  )
}
