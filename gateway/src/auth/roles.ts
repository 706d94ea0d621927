/**
 * The permissions of a caller of the admin API: `admin` everything; `billing` reads all usage and sets budgets; `member` reads
 * and changes what is its own; `viewer` reads everything, which contains no secrets.
 */
export type Role = 'admin' | 'billing' | 'member' | 'viewer'

export const roles: readonly Role[] = ['admin', 'billing', 'member', 'viewer']

/** Whether a caller may use a route that is open to some roles. An admin may use every route. */
export function mayAct(role: Role, allowed: readonly Role[]): boolean {
  return role === 'admin' || allowed.includes(role)
}

export function isRole(text: string): text is Role {
  return roles.some((role) => role === text)
}
