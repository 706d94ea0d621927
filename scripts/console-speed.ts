// Measures the console in Chromium: `node scripts/console-speed.ts [--only paints|tail] [--events N]`. First the time to the
// first contentful paint of every page without a cache, with its requests; then the memory of the live tail under the events
// of an hour at 500 calls per second. No clock paces the tail: its events are sent as fast as the page shows them, so an hour
// takes some minutes. `--events` sends another number of events; an hour has 5,143.
import { parseArgs } from 'node:util'

import { pages } from '../console/src/app/pages.ts'
import { openPage, startConsole } from '../console/test/open-console.ts'
import type { ConsoleTest } from '../console/test/open-console.ts'
import { seed, seedHistory } from '../console/test/seed.ts'
import { loadTail } from '../console/test/tail-load.ts'

const { values } = parseArgs({
  options: { events: { type: 'string', default: '5143' }, only: { type: 'string' } },
})
const rig = await startConsole()
try {
  const { ci } = await seed(rig.server)
  await seedHistory(rig.server, ci.key)
  if (values.only !== 'tail') await printPaints(rig)
  if (values.only !== 'paints') await printTail(rig, Number(values.events))
} finally {
  await rig.close()
}

async function printPaints(opened: ConsoleTest): Promise<void> {
  console.log('page            first paint  admin requests  slowest')
  for (const { path } of pages) {
    const window = await opened.signIn()
    const session = await window.page.context().newCDPSession(window.page)
    await session.send('Network.setCacheDisabled', { cacheDisabled: true })
    window.takeRequests()
    await openPage(window.page, opened.server, path)
    // Chromium reports a paint some time after it.
    await window.page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0)
    const { paintMs, slowestMs } = await window.page.evaluate(() => ({
      paintMs: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
      slowestMs: Math.max(
        0,
        ...performance
          .getEntriesByType('resource')
          .filter((entry) => entry.name.includes('/admin/v1/'))
          .map((entry) => entry.duration),
      ),
    }))
    const asked = window.takeRequests().filter((url) => url.startsWith('/admin')).length
    const cells = [
      `${Math.round(paintMs)} ms`.padStart(11),
      String(asked).padStart(14),
      `${Math.round(slowestMs)} ms`,
    ]
    console.log([path.padEnd(15), ...cells].join('  '))
    await window.close()
  }
}

async function printTail(opened: ConsoleTest, events: number): Promise<void> {
  const { page, close } = await opened.signIn()
  const startedMs = performance.now()
  console.log(`\nlive tail, ${events} events\ncalls       rows   nodes  heap      after`)
  for (const { calls, rows, nodes, heapBytes, atMs } of await loadTail(page, opened.server, {
    events,
    samples: 10,
  })) {
    const heap = `${(heapBytes / 1e6).toFixed(1)} MB`
    const after = `${Math.round(atMs / 1_000)} s`
    console.log(
      [String(calls).padEnd(10), String(rows).padStart(5), String(nodes).padStart(6), heap, after].join('  '),
    )
  }
  console.log(`${((performance.now() - startedMs) / 1_000).toFixed(0)} s`)
  await close()
}
