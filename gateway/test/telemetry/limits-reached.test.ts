import { describe, expect, test } from 'vitest'

import { limitNames } from '../../src/config/config-schema.ts'
import { type Limits, defaultLimits } from '../../src/limits.ts'
import { until } from '../condition.ts'
import { expectEnvelope } from '../api-errors.ts'
import { startBoth } from '../resources/batches.ts'
import { type Reaching, type ReachingOfBatches, reachedLimits, startReaching } from './reaching.ts'
import { reachingOfBatches, reachingOfCalls } from './reaching-calls.ts'
import { reachingOfPort } from './reaching-port.ts'

const reaching: Readonly<Record<string, Reaching>> = { ...reachingOfPort, ...reachingOfCalls }
const ofBatches: Readonly<Record<string, ReachingOfBatches>> = reachingOfBatches

describe('a limit that is reached is told in the words of the API, and counted under its name alone', () => {
  test.each(Object.entries(reaching))('%s', async (limit, how) => {
    const { gateway, upstream } = await startReaching(how)

    const [answer] = await Promise.all([
      how.act(gateway, upstream),
      // Within a few seconds, where its default is minutes.
      until(`${limit} was counted`, () => reachedLimits(gateway)[getName(limit)] === 1),
    ])

    const behind = how.behind === undefined ? {} : { [getName(how.behind)]: 1 }
    expect(reachedLimits(gateway)).toEqual({ [getName(limit)]: 1, ...behind })
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

  test.each(Object.entries(ofBatches))('%s', async (limit, { limits, act, behind }) => {
    const both = await startBoth({ limits })

    await act(both)
    await until(`${limit} was counted`, () => reachedLimits(both.gateway)[getName(limit)] !== undefined)

    const names = [limit, ...(behind === undefined ? [] : [behind])].map(getName)
    expect(Object.keys(reachedLimits(both.gateway)).toSorted()).toEqual(names.toSorted())
  })
})

test('every limit is among them, but for three of HTTP/2 that nothing can be counted of', () => {
  const uncounted = ['streamWindowBytes', 'connectionStateBytes', 'floodWindowMs']

  expect([...Object.keys(reaching), ...Object.keys(ofBatches), ...uncounted].toSorted()).toEqual(
    Object.keys(defaultLimits).toSorted(),
  )
})

/** Its name in `anthology.yaml`. */
function getName(limit: string): string {
  return [...limitNames].find(([, found]: [string, keyof Limits]) => found === limit)?.[0] ?? ''
}

function fail(): never {
  throw new Error('there was no answer')
}
