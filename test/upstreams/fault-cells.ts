import { clientNames } from './fault-clients.ts'
import type { ClientName, ClientResult } from './fault-clients.ts'
import { startFaultRig } from './fault-rig.ts'
import type { FaultRig, LedgerRow } from './fault-rig.ts'
import type { Route } from './fault-routes.ts'
import { faultNames, getFault, isQuota, isRefusal, isUnreached } from './faults.ts'
import type { FaultName } from './faults.ts'
import { startUnreachableServers } from './faults/connection-faults.ts'
import type { ConnectionFault } from './faults/connection-faults.ts'
import { faultUpstreamNames } from './faults/upstreams.ts'
import type { FaultUpstream } from './faults/upstreams.ts'

/** One combination of the matrix. */
export interface Cell {
  readonly upstream: FaultUpstream
  readonly fault: FaultName
  readonly client: ClientName
  readonly stream: boolean
  /** Another upstream could be asked. */
  readonly hasOther: boolean
  /** The client signs its request for AWS. */
  readonly signed: boolean
}

export interface CellResult extends ClientResult {
  readonly cell: Cell
  readonly asked: { readonly first: number; readonly second: number }
  /** The rows of the call in the ledger. */
  readonly rows: readonly LedgerRow[]
  /** The time until the first upstream is asked again, in seconds; null: not measured. */
  readonly blockS: number | null
}

/** The protocols that an AWS client speaks. */
const signingClients: readonly ClientName[] = ['messages', 'invoke', 'converse']

/** One failure of each phase: a signature changes nothing after the request is accepted. */
const signedFaults: ReadonlySet<FaultName> = new Set<FaultName>([
  'refused',
  'status-401',
  'status-529',
  'reset',
  'error-late',
  'end-before-stop',
  'page',
])

export const cells: readonly Cell[] = faultUpstreamNames.flatMap((upstream) =>
  faultNames.flatMap((fault) =>
    clientNames.flatMap((client) =>
      [false, true].flatMap((stream) =>
        [true, false].flatMap((hasOther) => {
          const { only } = getFault(fault)
          if (only !== undefined && only !== (stream ? 'stream' : 'plain')) return []
          const isSigning = signingClients.includes(client) && signedFaults.has(fault)
          return (isSigning ? [false, true] : [false]).map((signed) => ({
            upstream,
            fault,
            client,
            stream,
            hasOther,
            signed,
          }))
        }),
      ),
    ),
  ),
)

/** Runs every combination, with a gateway for each upstream. */
export async function runMatrix(): Promise<readonly CellResult[]> {
  const unreachable = await startUnreachableServers()
  const lists = faultUpstreamNames.map(async (upstream) => {
    const rig = await startFaultRig(upstream, unreachable)
    try {
      return await runCells(
        rig,
        cells.filter((cell) => cell.upstream === upstream),
      )
    } finally {
      await rig.close()
    }
  })
  try {
    return (await Promise.all(lists)).flat()
  } finally {
    await unreachable.close()
  }
}

type Run = ClientResult & Pick<CellResult, 'cell' | 'blockS'>

/** Runs the cells of an upstream: those that wait for a time limit at once, the others a few at a time. */
async function runCells(rig: FaultRig, list: readonly Cell[]): Promise<readonly CellResult[]> {
  const runs: Run[] = []
  const run = async (cell: Cell) => void runs.push({ cell, blockS: null, ...(await runCell(rig, cell)) })
  const waiting = list.filter(({ fault }) => slowFaults.has(fault)).map(run)
  const isBlocking = ({ fault }: Cell): boolean => isQuota(fault) || isRefusal(fault)
  const queue = list.filter((cell) => !slowFaults.has(cell.fault) && !isBlocking(cell))
  const runNext = async (): Promise<void> => {
    for (let cell = queue.shift(); cell !== undefined; cell = queue.shift()) await run(cell)
  }
  await Promise.all([...waiting, ...Array.from({ length: maxRunning }, runNext)])
  rig.stopClock()
  for (const cell of list.filter(isBlocking)) runs.push(await runBlockingCell(rig, cell))
  const rows = Map.groupBy(rig.rows(), ({ id }) => String(id).split('#', 1)[0])
  return runs.map((result) => ({
    ...result,
    asked: rig.asked.get(nameCell(result.cell)) ?? { first: 0, second: 0 },
    rows: rows.get(result.callId) ?? [],
  }))
}

const maxRunning = 12

/** Faults that end with a time limit. */
const slowFaults: ReadonlySet<FaultName> = new Set<FaultName>([
  'connect-hangs',
  'tls-hangs',
  'silence',
  'silence-after-head',
  'silence-in-stream',
  'endless-head',
])

/** An exhausted quota or a refused account blocks the upstream, so these run one after another, each after the longest block. */
async function runBlockingCell(rig: FaultRig, cell: Cell): Promise<Run> {
  const route = getRoute(cell)
  rig.pass(maxBlockMs)
  const isMeasured = isQuota(cell.fault) && cell.client === 'messages' && !cell.stream
  // An answer ends the series of refusals, which would double the next wait.
  if (isMeasured) await rig.call(route, { client: 'messages', stream: false, text: 'Hello' })
  const result = await runCell(rig, cell)
  return { cell, blockS: isMeasured ? (await rig.getBlockMs(route)) / 1_000 : null, ...result }
}

const maxBlockMs = 3_600_000

export function nameCell({ fault, client, stream, hasOther, signed }: Cell): string {
  const where = hasOther ? 'pair' : 'alone'
  return [fault, client, stream ? 'stream' : 'plain', where, ...(signed ? ['signed'] : [])].join('/')
}

async function runCell(rig: FaultRig, cell: Cell): Promise<ClientResult> {
  const { client, stream, signed, fault } = cell
  const text = `fault=${fault} cell=${nameCell(cell)}`
  try {
    return await rig.call(getRoute(cell), { client, stream, signed, text })
  } catch (error) {
    throw new Error(`${cell.upstream}: ${nameCell(cell)}: ${String(error)}`, { cause: error })
  }
}

function getRoute({ fault, hasOther }: Cell): Route {
  const where = hasOther ? 'pair' : 'alone'
  if (isUnreached(fault)) return `${fault as ConnectionFault} ${where}` // These are the names of connection faults.
  return isQuota(fault) ? `quota ${where}` : `first ${where}`
}
