import type { Call } from '../../api/calls.ts'
import { printNanoUsd, readNanoUsd } from '../../parts/format.ts'

/** An agent of a session. The main agent has no id. */
export interface AgentNode {
  readonly id: string | null
  readonly depth: number
  readonly calls: number
  readonly models: readonly string[]
  readonly ownUsd: string
  /** With the cost of all agents below it. */
  readonly wholeUsd: string
}

/**
 * The agents of a session, whose calls are given newest first: parents before their children, siblings in the order of
 * their first calls. An agent whose parent is unknown, or that would be its own ancestor, is a child of the main agent.
 */
export function listAgents(calls: readonly Call[]): readonly AgentNode[] {
  const byAgent = Map.groupBy(calls.toReversed(), ({ agent_id: id }) => id)
  if (!byAgent.has(null)) byAgent.set(null, [])
  const parents = new Map<string, string | null>()
  for (const [id, own] of byAgent) {
    if (id === null) continue
    const parent = own.map((call) => call.parent_agent_id).find((one) => one !== null) ?? null
    parents.set(id, parent !== null && byAgent.has(parent) && parent !== id ? parent : null)
  }
  for (const id of parents.keys()) if (isOwnAncestor(id, parents)) parents.set(id, null)
  const visit = (
    id: string | null,
    depth: number,
  ): { readonly nodes: AgentNode[]; readonly nano: bigint } => {
    const own = byAgent.get(id) ?? []
    const ownNano = own.reduce((sum, { cost_usd: cost }) => sum + readNanoUsd(cost ?? '0'), 0n)
    const below = [...parents].filter(([, parent]) => parent === id).map(([child]) => visit(child, depth + 1))
    const nano = below.reduce((sum, child) => sum + child.nano, ownNano)
    const node: AgentNode = {
      id,
      depth,
      calls: own.filter(({ attempt }) => attempt === null).length,
      models: [...new Set(own.map(({ model }) => model))],
      ownUsd: printNanoUsd(ownNano),
      wholeUsd: printNanoUsd(nano),
    }
    return { nodes: [node, ...below.flatMap(({ nodes }) => nodes)], nano }
  }
  return visit(null, 0).nodes
}

function isOwnAncestor(id: string, parents: ReadonlyMap<string, string | null>): boolean {
  const seen = new Set<string>([id])
  let at = parents.get(id) ?? null
  while (at !== null) {
    if (seen.has(at)) return true
    seen.add(at)
    at = parents.get(at) ?? null
  }
  return false
}
