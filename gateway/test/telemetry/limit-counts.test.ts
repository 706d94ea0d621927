import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { limitNames } from '../../src/config/config-schema.ts'
import { defaultLimits } from '../../src/limits.ts'
import { limitTriggers } from '../../src/telemetry/limit-counts.ts'
import { startGateway } from '../running-gateway.ts'
import { scrape } from './scrape.ts'

const folder = join(import.meta.dirname, '../../src')
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(folder, file), 'utf8'))

test('names for every limit what is counted', () => {
  expect(Object.keys(limitTriggers)).toEqual(Object.keys(defaultLimits))
})

/** Three limits of HTTP/2 work without an event that could be counted; the table says why. */
const uncounted = Object.entries(limitTriggers).filter(([, place]) => place.startsWith('nothing is counted:'))

test('leaves only limits uncounted that nothing can be seen of', () => {
  expect(uncounted.map(([name]) => name)).toEqual([
    'streamWindowBytes',
    'connectionStateBytes',
    'floodWindowMs',
  ])
})

const counted = Object.keys(limitTriggers).filter((name) => !uncounted.some(([other]) => other === name))

test.each(counted)('%s is counted somewhere', (limit) => {
  // In quotes it is a name given to a counter; in the table of limits and in its uses it is a member.
  const places = sources.filter(
    (text) => text.includes(`'${limit}'`) || text.includes(`reachedFamily({ ${limit}:`),
  )

  expect(places.length).toBeGreaterThan(0)
})

test('shows every limit with its value and its count', async () => {
  const gateway = await startGateway({ limits: { frameBytes: 4_321 } })

  const samples = await scrape(gateway)

  for (const [name, limit] of limitNames) {
    const value = limit === 'frameBytes' ? 4_321 : limit === 'drainMs' ? 200 : defaultLimits[limit]
    expect(samples.get(`anthology_limit{name="${name}"}`), name).toBe(value)
    expect(samples.get(`anthology_limit_reached_total{name="${name}"}`), name).toBe(0)
  }
})
