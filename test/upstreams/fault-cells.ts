import { callGateway, clientNames } from './fault-clients.ts'
import type { ClientName, ClientResult } from './fault-clients.ts'
import { modelsByRoute, rigKey, startFaultRig } from './fault-rig.ts'
import type { FaultRig, LedgerRow } from './fault-rig.ts'
import { faultNames, faults } from './faults.ts'
import type { Fault, FaultName } from './faults.ts'
import { upstreamPlatforms } from './platform-answers.ts'
import type { UpstreamPlatform } from './platform-answers.ts'

/** One combination of the matrix. */
export interface Cell {
  readonly platform: UpstreamPlatform
  readonly fault: FaultName
  readonly client: ClientName
  readonly stream: boolean
  /** Another upstream could be asked. */
  readonly hasOther: boolean
}

export interface CellResult extends ClientResult {
  readonly cell: Cell
  readonly asked: { readonly first: number; readonly second: number }
  /** The rows of the call in the ledger. */
  readonly rows: readonly LedgerRow[]
}

export const cells: readonly Cell[] = upstreamPlatforms.flatMap((platform) =>
  faultNames.flatMap((fault) =>
    clientNames.flatMap((client) =>
      [false, true].flatMap((stream) =>
        [true, false].flatMap((hasOther) => {
          const described: Fault = faults[fault]
          return described.streamOnly && !stream ? [] : [{ platform, fault, client, stream, hasOther }]
        }),
      ),
    ),
  ),
)

/** Runs every combination, with a gateway for each platform. */
export async function runMatrix(): Promise<readonly CellResult[]> {
  const lists = upstreamPlatforms.map(async (platform) => {
    const rig = await startFaultRig(platform)
    const own = cells.filter((cell) => cell.platform === platform)
    try {
      return await runCells(rig, own)
    } finally {
      await rig.close()
    }
  })
  return (await Promise.all(lists)).flat()
}

/** Runs the cells of a platform, many at a time; an exhausted quota blocks an upstream, so those run one by one. */
async function runCells(rig: FaultRig, list: readonly Cell[]): Promise<readonly CellResult[]> {
  const blocking = list.filter(isBlocking)
  const others = list.filter((cell) => !isBlocking(cell))
  const results: (ClientResult & { readonly cell: Cell })[] = []
  const run = async (cell: Cell) => void results.push({ cell, ...(await runCell(rig, cell)) })
  const queue = [...others]
  const runNext = async (): Promise<void> => {
    for (let cell = queue.shift(); cell !== undefined; cell = queue.shift()) await run(cell)
  }
  const runBlocking = async (): Promise<void> => {
    for (const cell of blocking) {
      while (!(await answersFirst(rig))) await new Promise((resolve) => setTimeout(resolve, 50))
      await run(cell)
    }
  }
  await Promise.all([...Array.from({ length: maxRunning }, runNext), runBlocking()])
  const rows = rig.rows()
  return results.map((result) => ({
    ...result,
    asked: rig.asked.get(nameCell(result.cell)) ?? { first: 0, second: 0 },
    rows: rows.filter(({ id }) => id === result.callId || String(id).startsWith(`${result.callId}#`)),
  }))
}

const maxRunning = 12

function isBlocking({ fault, hasOther }: Cell): boolean {
  return fault === 'status-429' && hasOther
}

export function nameCell({ fault, client, stream, hasOther }: Cell): string {
  return [fault, client, stream ? 'stream' : 'plain', hasOther ? 'pair' : 'alone'].join('/')
}

async function runCell(rig: FaultRig, cell: Cell): Promise<ClientResult> {
  const { client, stream, fault } = cell
  const text = `fault=${fault} cell=${nameCell(cell)}`
  try {
    return await callGateway(rig.url, rigKey, { client, stream, text, model: findModel(cell) })
  } catch (error) {
    throw new Error(`${cell.platform}: ${nameCell(cell)}: ${String(error)}`, { cause: error })
  }
}

function findModel({ fault, hasOther }: Cell): string {
  if (fault === 'status-429' && hasOther) return modelsByRoute['quota pair']
  const where = hasOther ? 'pair' : 'alone'
  return modelsByRoute[fault === 'refused' || fault === 'tls' ? (`${fault} ${where}` as const) : where]
}

/** Whether the quota of the first upstream is open again. */
async function answersFirst({ url }: FaultRig): Promise<boolean> {
  const call = {
    client: 'messages',
    stream: false,
    model: modelsByRoute['quota pair'],
    text: 'Hello',
  } as const
  return (await callGateway(url, rigKey, call)).writer === 'first'
}
