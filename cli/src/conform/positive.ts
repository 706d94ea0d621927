import { ensure } from './check.ts'

/** Requires a count of tokens above zero. */
export function ensurePositive(value: unknown, name: string): void {
  ensure(typeof value === 'number' && value > 0, `${name} is ${String(value)}, not a positive number`)
}
