/** What a caller of the admin API may do: `admin` everything, `viewer` read what no secret is in. */
export type Role = 'admin' | 'viewer'

/** Whether a caller with one role may use a route that needs another. */
export function mayAct(role: Role, needed: Role): boolean {
  return role === 'admin' || role === needed
}
