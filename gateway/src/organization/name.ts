import { GatewayError } from '../errors.ts'
import type { Queries } from '../store/database.ts'

/**
 * Returns a name without spaces at its ends. Throws a GatewayError for one that is empty, too long, or not one line.
 */
export function checkName(text: string): string {
  const name = text.trim()
  if (name === '') throw new GatewayError('invalid_value', 'name: must not be empty')
  if (name.length > maxNameLength || /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(name))
    throw new GatewayError('invalid_value', `name: must be one line of at most ${maxNameLength} characters`)
  return name.normalize('NFC')
}

export const maxNameLength = 100

/** The names and ids of keys that are not in the store; a stored key of such a name would be ambiguous. */
const builtInNames: ReadonlySet<string> = new Set([
  'local',
  'local key',
  'env',
  'ANTHOLOGY_KEY',
  'ANTHOLOGY_AWS_ACCESS_KEY_ID',
])

export function isBuiltInKey(nameOrId: string): boolean {
  return builtInNames.has(nameOrId)
}

/** Returns the name of a key; that of a built-in key is refused. */
export function checkKeyName(text: string): string {
  const name = checkName(text)
  if (isBuiltInKey(name))
    throw new GatewayError('name_taken', `${JSON.stringify(name)} is a key of the server itself`)
  return name
}

/**
 * Changes of workspaces, members and keys run one after another: in PostgreSQL two transactions would not see each
 * other's names, nor a workspace that the other one archives. An index cannot do that for keys, because older data
 * folders may have several live keys of one name.
 */
export async function lockNames(queries: Queries): Promise<void> {
  await queries.query("UPDATE workspaces SET name = name WHERE id = 'default'")
}
