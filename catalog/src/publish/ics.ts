import type { CalendarEntry } from '../lifecycle/calendar.ts'
import { getDay } from '../day.ts'

/**
 * Formats the dates of a calendar as an iCalendar file (RFC 5545), one whole-day event each; entries
 * without a day are left out. The same entries and day produce the same bytes.
 */
export function retirementsIcs(entries: readonly CalendarEntry[], asOf?: string): string {
  const stamp = `${compact(getDay(asOf))}T000000Z`
  const events = entries.flatMap((entry) => (entry.day === null ? [] : event(entry, entry.day, stamp)))
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Anthology//Claude model retirements//EN',
    'CALSCALE:GREGORIAN',
    'X-WR-CALNAME:Claude model retirements',
    ...events,
    'END:VCALENDAR',
  ]
  return lines.map((line) => `${fold(line)}\r\n`).join('')
}

function event(entry: CalendarEntry, day: string, stamp: string): readonly string[] {
  const { model, name, platform, replacement } = entry
  const summary = entry.event === 'retires' ? `${name} retires` : `${name} may retire from today on`
  const advice = replacement === null ? 'No replacement is named.' : `Move to ${replacement}.`
  return [
    'BEGIN:VEVENT',
    `UID:${escape(model)}.${platform}.${entry.event}@anthology`,
    `DTSTAMP:${stamp}`,
    `DTSTART;VALUE=DATE:${compact(day)}`,
    `DTEND;VALUE=DATE:${compact(dayAfter(day))}`,
    `SUMMARY:${escape(summary)}`,
    `DESCRIPTION:${escape(`${model} on ${platform}. ${advice}`)}`,
    'TRANSP:TRANSPARENT',
    'END:VEVENT',
  ]
}

function compact(day: string): string {
  return day.replaceAll('-', '')
}

function dayAfter(day: string): string {
  const next = new Date(`${day}T00:00:00Z`)
  next.setUTCDate(next.getUTCDate() + 1)
  return next.toISOString().slice(0, 10)
}

function escape(text: string): string {
  return text.replaceAll(/[\\;,]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`)
}

/** Folds lines longer than 75 octets; the text is ASCII, so a character is an octet. */
function fold(line: string): string {
  const [first = '', ...rest] = line.match(/^.{1,75}|.{1,74}/g) ?? []
  return [first, ...rest.map((part) => ` ${part}`)].join('\r\n')
}
