import { expect, test } from 'vitest'
import { run } from '../console.ts'

test('lists retirements with replacements, soonest first', async () => {
  const { code, out } = await run(['calendar', '--as-of', '2026-11-22'])
  const lines = out.split('\n')

  expect(code).toBe(0)
  expect(lines[0]).toBe('DAY            IN  WHAT        MODEL')
  expect(lines).toContain('2026-11-30    8 d  retires     Claude Sonnet 4.5      move to claude-sonnet-5-5')
  expect(lines).toContain('2026-11-24    2 d  not before  Claude Opus 4.5')
  expect(lines.indexOf('2026-11-24    2 d  not before  Claude Opus 4.5')).toBeLessThan(
    lines.findIndex((line) => line.startsWith('2026-11-30')),
  )
})

test('shows what was announced on the given day', async () => {
  const { out } = await run(['calendar', '--as-of', '2025-08-15', '--json'])

  expect(JSON.parse(out)).toContainEqual({
    day: '2025-10-28',
    event: 'retires',
    model: 'claude-3-5-sonnet-20241022',
    name: 'Claude Sonnet 3.5',
    platform: 'anthropic',
    // The models that replace it were not released yet.
    replacement: null,
  })
})

test('writes an iCalendar file', async () => {
  const [calendar, models] = [
    await run(['calendar', '--ics', '--as-of', '2026-11-22']),
    await run(['models', '--ics', '--as-of', '2026-11-22']),
  ]

  expect(calendar.out).toMatch(/^BEGIN:VCALENDAR\r\n/)
  expect(calendar.out).toMatch(/DTSTART;VALUE=DATE:20261130\r\n/)
  expect(calendar.out).toMatch(/END:VCALENDAR\r\n$/)
  expect(models.out).toBe(calendar.out)
})

test('rejects names', async () => {
  expect((await run(['calendar', 'opus'])).code).toBe(2)
})
