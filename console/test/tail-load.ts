import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { CDPSession, Page } from 'playwright-core'

import type { ConsoleServer } from './console-server.ts'
import { openPage } from './open-console.ts'

/** The page of calls after a part of the load. */
export interface TailSample {
  /** Calls that the stream has sent or left out so far. */
  readonly calls: number
  /** Rows of the table. */
  readonly rows: number
  /** Nodes of the document, after a garbage collection. */
  readonly nodes: number
  /** JavaScript heap in use, in bytes, after a garbage collection. */
  readonly heapBytes: number
  /** Milliseconds since the first event. */
  readonly atMs: number
}

interface TailLoad {
  /** Events of the stream. The gateway sends one each 0.7 s: an hour has about 5,143. */
  readonly events: number
  /** The page is measured this many times. */
  readonly samples: number
}

/** Events that are sent before the page has shown the last one. */
const eventsInFlight = 20
/** A busy machine may take many times as long as an idle one. */
const maxWaitMs = 120_000

/** At 500 calls per second, 350 calls begin between two events. The gateway sends 200 of them and counts the others. */
const [rowsPerEvent, skippedPerEvent] = [200, 150]

/**
 * Opens the page of calls, and sends it the events of a server with 500 calls per second as fast as it reads them. Only
 * the stream comes from here, in the gateway's form with a row of its list; everything else comes from the gateway.
 */
export async function loadTail(
  page: Page,
  server: ConsoleServer,
  load: TailLoad,
): Promise<readonly TailSample[]> {
  const { data } = await server.admin<{ readonly data: readonly object[] }>('GET', '/admin/v1/calls?limit=1')
  const [template = {}] = data
  const opened: ServerResponse[] = []
  const stream = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    response.flushHeaders()
    opened.push(response)
  }).listen(0, '127.0.0.1')
  await once(stream, 'listening')
  const { port } = stream.address() as AddressInfo // It listens on a port.
  await page.route(/\/admin\/v1\/calls\/stream/, (route) =>
    route.continue({ url: `http://127.0.0.1:${port}/` }),
  )
  try {
    await openPage(page, server, '/calls')
    await page.getByText('Connecting …').waitFor({ state: 'detached' })
    const session = await page.context().newCDPSession(page)
    const samples: TailSample[] = []
    const perSample = Math.ceil(load.events / load.samples)
    const startedMs = performance.now()
    for (let event = 0; event < load.events; event += 1) {
      const response = opened.at(-1)
      if (response === undefined) throw new Error('the page has not opened the stream')
      if (!response.write(printEvent(template, event))) await once(response, 'drain')
      const isSample = (event + 1) % perSample === 0 || event + 1 === load.events
      if (isSample || (event + 1) % eventsInFlight === 0)
        await page.getByText(nameCall(event, 0), { exact: true }).waitFor({ timeout: maxWaitMs })
      if (isSample) {
        const calls = (event + 1) * (rowsPerEvent + skippedPerEvent)
        samples.push({ calls, atMs: performance.now() - startedMs, ...(await measure(page, session)) })
      }
    }
    return samples
  } finally {
    for (const response of opened) response.destroy()
    stream.close()
    await page.unrouteAll()
  }
}

function printEvent(template: object, event: number): string {
  const startMs = Date.now() + event * 700
  const data = Array.from({ length: rowsPerEvent }, (_, at) => ({
    ...template,
    id: `req_${event}_${at}`,
    key: nameCall(event, at),
    started_at: new Date(startMs - at).toISOString(),
  }))
  return `event: calls\ndata: ${JSON.stringify({ data, skipped: skippedPerEvent })}\n\n`
}

/** The newest call of an event has the number 0. */
function nameCall(event: number, at: number): string {
  return `call ${event}.${at}`
}

async function measure(page: Page, session: CDPSession): Promise<Omit<TailSample, 'calls' | 'atMs'>> {
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  const { nodes } = await session.send('Memory.getDOMCounters')
  const rows = await page.getByRole('table', { name: 'Calls' }).locator('tbody tr').count()
  return { rows, nodes, heapBytes: usedSize }
}
