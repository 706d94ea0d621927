import type { Role } from './roles.ts'

/** An authenticated caller of the admin API. */
export interface Caller {
  readonly role: Role
  /** The name of the caller in the audit log: `admin-key`, `cli`, or the id of a member. */
  readonly actor: string
  /** Null for a caller that is no member. */
  readonly memberId: string | null
  /** The ids of the workspaces that the caller may see; null: all. */
  readonly workspaces: ReadonlySet<string> | null
}

/** The caller with the admin key. */
export const adminKeyCaller: Caller = { role: 'admin', actor: 'admin-key', memberId: null, workspaces: null }
