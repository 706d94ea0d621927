// Writes the published files of the catalog: `catalog/catalog.json` and `catalog/retirements.ics`. With
// `--check` it only reports whether they are up to date.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { calendar, catalogDocument, retirementsIcs } from '@anthology/catalog'

const folder = join(import.meta.dirname, '../catalog')

/** The effective date of the calendar; a later one would omit past events. */
const calendarDay = '2026-11-29'

const files = [
  { name: 'catalog.json', text: `${JSON.stringify(catalogDocument(), null, 2)}\n` },
  { name: 'retirements.ics', text: retirementsIcs(calendar({ asOf: calendarDay }), calendarDay) },
]

const stale = files.filter(({ name, text }) => {
  const path = join(folder, name)
  return !existsSync(path) || readFileSync(path, 'utf8') !== text
})

if (process.argv.includes('--check')) {
  for (const { name } of stale) console.error(`catalog/${name} is out of date: node scripts/catalog.ts`)
  process.exitCode = stale.length > 0 ? 1 : 0
} else {
  for (const { name, text } of stale) writeFileSync(join(folder, name), text)
  console.log(stale.length === 0 ? 'up to date' : `wrote ${stale.map(({ name }) => name).join(', ')}`)
}
