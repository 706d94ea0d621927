import { describe, expect, test } from 'vitest'

import { defaultLimits, limitRows } from '../../src/limits.ts'
import { until } from '../condition.ts'
import { expectEnvelope } from '../api-errors.ts'
import { startGateway } from '../running-gateway.ts'
import { reachedLimits, startReaching } from './reaching.ts'
import type { Reaching } from './reaching.ts'
import { reachingOfAdmin } from './reaching-admin.ts'
import { reachingOfCalls } from './reaching-calls.ts'
import { reachingOfPort } from './reaching-port.ts'
import { scrape } from './scrape.ts'

const reaching: Readonly<Record<string, Reaching>> = {
  ...reachingOfPort,
  ...reachingOfCalls,
  ...reachingOfAdmin,
}

describe('a limit that is reached causes an API error, and counts only under its name', () => {
  test.each(Object.entries(reaching))('%s', async (limit, how) => {
    const { times = 1 } = how
    const { gateway, upstream } = await startReaching(how)

    const [answer] = await Promise.all([
      how.act(gateway, upstream),
      // A few seconds instead of its default of minutes.
      until(`${limit} was counted`, () => reachedLimits(gateway)[getName(limit)] === times),
    ])

    const behind = how.behind === undefined ? {} : { [getName(how.behind)]: 1 }
    expect(reachedLimits(gateway)).toEqual({ [getName(limit)]: times, ...behind })
    if (how.told !== undefined) {
      const [status, type] = how.told
      expectEnvelope(answer ?? fail(), { status, type, says: /.{10}/ })
    }
    if (how.cutWith !== undefined) {
      expect(answer?.text).toMatch(
        new RegExp(
          String.raw`\n\nevent: error\ndata: \{"type":"error","error":\{"type":"${how.cutWith}",.*\n\n$`,
        ),
      )
    }
  })
})

test('every limit is tested', () => {
  expect(Object.keys(reaching).toSorted()).toEqual(Object.keys(defaultLimits).toSorted())
})

test('reports every limit with its value and its count', async () => {
  const gateway = await startGateway({ limits: { frameBytes: 4_321 } })

  const samples = await scrape(gateway)

  for (const { name, configName, default: value } of limitRows) {
    const configured = name === 'frameBytes' ? 4_321 : name === 'drainMs' ? 200 : value
    expect(samples.get(`anthology_limit{name="${configName}"}`), name).toBe(configured)
    expect(samples.get(`anthology_limit_reached_total{name="${configName}"}`), name).toBe(0)
  }
})

/** Its name in `anthology.yaml`. */
function getName(limit: string): string {
  return limitRows.find(({ name }) => name === limit)?.configName ?? ''
}

function fail(): never {
  throw new Error('there was no answer')
}
