import { monitorEventLoopDelay } from 'node:perf_hooks'
import { parseArgs } from 'node:util'

import { createGateway } from '../../src/gateway.ts'
import { defaultLimits } from '../../src/limits.ts'
import { monotonicMs } from '../../src/clock.ts'
import { createHttpUpstream } from '../../src/upstreams/http-upstream.ts'
import { createCluster } from '../../src/cluster/primary.ts'
import type { Cluster } from '../../src/cluster/cluster.ts'
import { isClusterWorker, joinCluster } from '../../src/cluster/worker.ts'
import { localKey } from '../running-gateway.ts'

// A cluster in processes of its own, so that a test can kill them. It prints its URL, and
// for every line that it reads one with the ids of its workers and their reports. Where the line is
// 'lose' there is no program for new processes from then on, until one is 'find'; after 'fail' they
// cannot begin.

/** What the workers are told. */
interface WorkerConfig {
  readonly dataFolder: string
  readonly upstreamUrl: string
  readonly requests: number
}

export interface WorkerReport {
  /** The times at which it called the upstream. */
  readonly calledAtMs: readonly number[]
  /** The longest time that its event loop stood still. */
  readonly pausedMs: number
}

if (isClusterWorker()) await work()
else await lead()

async function lead(): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: '' },
      upstream: { type: 'string', default: '' },
      workers: { type: 'string', default: '2' },
      requests: { type: 'string', default: '1000000' },
      'window-ms': { type: 'string', default: '60000' },
      port: { type: 'string', default: '0' },
    },
  })
  const workerConfig: WorkerConfig = {
    dataFolder: values.data,
    upstreamUrl: values.upstream,
    requests: Number(values.requests),
  }
  try {
    const cluster = await createCluster({
      workers: Number(values.workers),
      port: Number(values.port),
      host: '127.0.0.1',
      dataFolder: values.data,
      workerConfig,
      log: (entry) => process.stderr.write(`${JSON.stringify(entry)}\n`),
      endMs: 5_000,
      ledgerWaitMs: 5_000,
      windowMs: Number(values['window-ms']),
    })
    process.stdout.write(`${JSON.stringify({ url: cluster.url, processIds: cluster.processIds })}\n`)
    const { execPath } = process
    process.stdin.on('data', (line) => {
      if (line.toString() === 'lose\n') process.execPath = `${execPath}-missing`
      if (line.toString() === 'find\n') process.execPath = execPath
      if (line.toString() === 'fail\n') process.env['CLUSTER_WORKER_FAILS'] = 'the certificate is gone'
      void report(cluster)
    })
    process.once('SIGTERM', () => {
      process.stdin.destroy()
      void cluster.close().then(() => process.disconnect())
    })
    // It must exit with the tests.
    process.once('disconnect', () => process.exit())
  } catch (error) {
    process.stdout.write(`${JSON.stringify({ failed: String(error) })}\n`)
    process.exit(1)
  }
}

async function report(cluster: Cluster): Promise<void> {
  const reports = await cluster.collect()
  process.stdout.write(`${JSON.stringify({ reports, processIds: cluster.processIds })}\n`)
}

async function work(): Promise<void> {
  const worker = await joinCluster()
  const { dataFolder, upstreamUrl, requests } = worker.workerConfig as WorkerConfig // Written by `lead`.
  const http = createHttpUpstream({ baseUrl: upstreamUrl, credential: null, limits: defaultLimits })
  const calledAtMs: number[] = []
  const upstream: typeof http = {
    ...http,
    send: (request, receiver) => {
      calledAtMs.push(monotonicMs())
      return http.send(request, receiver)
    },
  }
  try {
    const failure = process.env['CLUSTER_WORKER_FAILS']
    if (failure !== undefined) throw new Error(failure)
    const gateway = await createGateway({
      accounts: [{ name: 'recorder', platform: 'anthropic', upstream, secrets: [] }],
      dataFolder,
      keys: [{ id: 'key_local', name: 'local', secret: localKey }],
      rates: { default: { requests_per_minute: requests } },
      limits: { drainMs: 2_000 },
      worker,
    })
    const delays = monitorEventLoopDelay({ resolution: 1 })
    delays.enable()
    // Replaces the metrics that a gateway reports.
    worker.setReport((): WorkerReport => ({ calledAtMs, pausedMs: delays.max / 1e6 }))
    worker.listening(await gateway.listen(worker.port, worker.host))
    await worker.draining
    await gateway.close()
  } catch (error) {
    worker.failed(error)
  }
  worker.leave()
}
