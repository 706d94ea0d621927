import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'

import { usageQuery } from '../api/usage.ts'
import type { Usage } from '../api/usage.ts'
import { shellTexts } from '../texts/shell.ts'
import { formatUsd } from './format.ts'

const hourMs = 3_600_000

/** Returns a function that prints the cost of the calls of a key, workspace or member in the last 30 days. */
export function useRecentCost(dimension: 'key' | 'workspace' | 'member'): (id: string) => string {
  // It begins with an hour, so that the report can be cached.
  const [since] = useState(() => new Date((Math.floor(Date.now() / hourMs) - 30 * 24) * hourMs).toISOString())
  const usage = useQuery(usageQuery({ since, by: [dimension], top: 500 })).data
  return (id) => printCost(id, usage)
}

/** Undefined: the report has not arrived, or this role may not read it. */
function printCost(id: string, usage: Usage | undefined): string {
  if (usage === undefined) return shellTexts.none
  const row = usage.data.find(({ group }) => group[0] === id)
  if (row !== undefined) return formatUsd(row.cost_usd)
  // The cheapest of very many are one row.
  const isWhole = usage.data.every(({ others }) => others[0] === 0)
  return isWhole ? shellTexts.unused : shellTexts.none
}
