import { askAdmin, readAdminServer } from './admin-server.ts'
import { CliError } from './command.ts'
import type { Context, Values } from './command.ts'
import { alignColumns } from './table.ts'

/** The admin API's answer about the limits of a key (docs/budgets.md). */
interface KeyLimits {
  readonly key: string
  readonly rates: readonly (Readonly<Record<string, string | number | null>> & { readonly model: string })[]
  readonly budgets: readonly Budget[]
}

type Budget = Readonly<Record<string, string | boolean | null>>

/** Shows every limit of a key, from a running server: only it knows what is held at this moment. */
export async function showKeyLimits(context: Context, values: Values, name: string): Promise<number> {
  const server = readAdminServer(context, values)
  const { ok, value } = await askAdmin(server, `/admin/v1/keys/${encodeURIComponent(name)}/limits`)
  if (!ok) throw new CliError(String(value['detail']), 'List the keys: anthology keys list')
  if (values['json'] === true) {
    context.out(JSON.stringify(value, null, 2))
    return 0
  }
  const limits = value as unknown as KeyLimits // The answer of this version's server, or of one with the same members.
  printBudgets(context, limits)
  printRates(context, limits)
  return 0
}

function printBudgets(context: Context, { key, budgets }: KeyLimits): void {
  if (budgets.length === 0) return context.out(`No budget applies to ${key}.`)
  const columns = ['scope', 'limit', 'window', 'spent', 'held', 'left', 'resets_at', 'action']
  const rows = budgets.map((budget) => {
    const window = `${budget['rolling'] === true ? 'rolling ' : ''}${String(budget['window'])}`
    const shown: Budget = { ...budget, window }
    return columns.map((name) => String(shown[name] ?? '-'))
  })
  const head = ['SCOPE', 'LIMIT', 'WINDOW', 'SPENT', 'HELD', 'LEFT', 'RESETS', 'ACTION']
  for (const line of alignColumns([head, ...rows])) context.out(line)
}

function printRates(context: Context, { key, rates }: KeyLimits): void {
  if (rates.length === 0) return context.out(`No rate limits ${key}.`)
  const kinds = ['requests_per_minute', 'input_tokens_per_minute', 'output_tokens_per_minute']
  const rows = rates.map((rate) => [rate.model, ...kinds.map((kind) => String(rate[kind] ?? 'unlimited'))])
  context.out('')
  for (const line of alignColumns([['MODEL', 'REQUESTS', 'INPUT TOKENS', 'OUTPUT TOKENS'], ...rows]))
    context.out(line)
}
