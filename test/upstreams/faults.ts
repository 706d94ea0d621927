import { connectionFaults } from './faults/connection-faults.ts'
import { contentFaults } from './faults/content-faults.ts'
import type { Fault } from './faults/fault.ts'
import { framingFaults } from './faults/framing-faults.ts'
import { quotaFaults, statusFaults } from './faults/status-faults.ts'
import { streamFaults } from './faults/stream-faults.ts'

/** Every kind of failure, by the name that a request carries in its text, in the order of the page. */
export const faults = {
  ...connectionFaults,
  ...statusFaults,
  ...quotaFaults,
  ...streamFaults,
  ...contentFaults,
  ...framingFaults,
} as const satisfies Record<string, Fault>

export type FaultName = keyof typeof faults

/** The sections of the page. */
export const faultGroups: readonly { readonly title: string; readonly names: readonly FaultName[] }[] = [
  { title: 'Connections', names: list(connectionFaults) },
  { title: 'Error responses', names: [...list(statusFaults), ...list(quotaFaults)] },
  { title: 'Silence and broken streams', names: list(streamFaults) },
  { title: 'Success statuses without the answer', names: list(contentFaults) },
  { title: 'HTTP', names: list(framingFaults) },
]

function list<Name extends FaultName>(group: Readonly<Record<Name, Fault>>): readonly Name[] {
  return Object.keys(group) as Name[] // The keys of a group are exactly its type's.
}

export const faultNames = Object.keys(faults) as FaultName[] // The keys of the literal are exactly its type's.

export function getFault(name: FaultName): Fault {
  return faults[name]
}

/** The fault that a request names; undefined for a request without one. */
export function findFault(name: string): Fault | undefined {
  return faultNames.some((each) => each === name) ? getFault(name as FaultName) : undefined // It is one of the names.
}

export function isUnreached(name: FaultName): boolean {
  return name in connectionFaults
}

/** Faults after which an upstream is not asked for minutes, because its account was refused. */
export function isRefusal(name: FaultName): boolean {
  return refusedAccounts.has(name)
}

const refusedAccounts: ReadonlySet<FaultName> = new Set<FaultName>([
  'status-404',
  'spend-429',
  'spend-402',
  'spend-400',
])

export function isQuota(name: FaultName): boolean {
  return name in quotaFaults
}
