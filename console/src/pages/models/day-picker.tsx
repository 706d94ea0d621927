import { modelsTexts } from '../../texts/models.ts'
import { firstDay, seedDay } from './model-facts.ts'

const dayMs = 86_400_000

/** The day in the address; today without one, or with one that is not a day of the calendar. */
export function readDay(text: string | undefined): string {
  if (text === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return getToday()
  const ms = Date.parse(`${text}T00:00:00Z`)
  return Number.isFinite(ms) && printDay(ms) === text ? text : getToday()
}

export function getToday(): string {
  return printDay(Date.now())
}

function printDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

interface DayPickerProps {
  readonly day: string
  /** Undefined: today, which is not kept in the address. */
  readonly onChange: (day: string | undefined) => void
}

/** Chooses the day of all facts: by date, by a slider over the catalog's history, or one of two usual days. */
export function DayPicker({ day, onChange }: DayPickerProps) {
  const today = getToday()
  const choose = (chosen: string) => onChange(chosen === today ? undefined : readDay(chosen))
  const [first, last] = [Date.parse(firstDay), Date.parse(today) + 365 * dayMs]
  return (
    <div className="card day-picker">
      <label className="field">
        <span>{modelsTexts.day}</span>
        <input
          className="input"
          type="date"
          value={day}
          data-first-filter=""
          onChange={({ target }) => target.value !== '' && choose(target.value)}
        />
      </label>
      <label className="field">
        <span>{modelsTexts.slider}</span>
        <input
          type="range"
          min={0}
          max={Math.round((last - first) / dayMs)}
          value={Math.round((Date.parse(day) - first) / dayMs)}
          aria-valuetext={day}
          onChange={({ target }) => choose(printDay(first + Number(target.value) * dayMs))}
        />
      </label>
      <div className="segments" role="group" aria-label={modelsTexts.day}>
        <button
          type="button"
          aria-pressed={day === seedDay}
          title={modelsTexts.seedDayHint}
          onClick={() => choose(seedDay)}
        >
          {modelsTexts.seedDay}
        </button>
        <button type="button" aria-pressed={day === today} onClick={() => choose(today)}>
          {modelsTexts.today}
        </button>
      </div>
    </div>
  )
}
