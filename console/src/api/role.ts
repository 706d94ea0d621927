/** The roles of the admin API. */
export type Role = 'admin' | 'billing' | 'member' | 'viewer'
