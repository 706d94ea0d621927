import { createHash, randomBytes } from 'node:crypto'

import { readNullable, readNumber, readText } from '../store/database.ts'
import type { Database, Queries, SqlRow } from '../store/database.ts'
import type { OidcLogin } from './oidc.ts'
import type { Role } from './roles.ts'

/** A signed-in user of the console. */
export interface ConsoleSession {
  readonly role: Role
  readonly memberId: string | null
  /** Ids of the workspaces that the session may see; null: all. */
  readonly workspaces: readonly string[] | null
  readonly displayName: string
  readonly signedInBy: SignInMethod
  /** Changes need this token in a header: another site can send the cookie, but cannot read the token. */
  readonly csrfToken: string
  readonly expiresAtMs: number
}

export type SignInMethod = 'link' | 'admin_key' | 'oidc'

/** The identity for which a session is created. */
export type SessionOwner = Pick<
  ConsoleSession,
  'role' | 'memberId' | 'workspaces' | 'displayName' | 'signedInBy'
>

export interface ConsoleSessions {
  /** Creates a session under a new secret; the secret is the value of the cookie. */
  create(owner: SessionOwner): Promise<{ readonly secret: string; readonly session: ConsoleSession }>
  /** Returns null for an unknown, expired or idle session, and for that of an archived member. */
  find(secret: string): Promise<ConsoleSession | null>
  remove(secret: string): Promise<void>
  /** Stores the token of a link that the caller has created. A token that is stored already stays as it is. */
  addLink(token: string): Promise<void>
  /** Keeps the secrets of a sign-in at a provider under the secret of its cookie. */
  addLogin(secret: string, login: OidcLogin, lifeMs: number): Promise<void>
  /** Returns the secrets once; null if there are none, or not any more. */
  takeLogin(secret: string): Promise<OidcLogin | null>
  /** Uses a link up. True for exactly one caller, in any process. */
  useLink(token: string): Promise<boolean>
}

/** Time until a session ends, however much it is used. */
const maxSessionMs = 7 * 24 * 3_600_000
/** Time until an unused session ends. */
const maxIdleMs = 12 * 3_600_000
/** Time between two updates of a session's last use. */
const touchAfterMs = 60_000
/** Life of a one-time link. */
export const linkLifeMs = 30 * 60_000

export function createConsoleSessions(database: Database, nowMs: () => number): ConsoleSessions {
  return {
    async create(owner) {
      const [secret, csrfToken, now] = [createToken(), createToken(), nowMs()]
      const expiresAtMs = now + maxSessionMs
      await database.query('DELETE FROM console_sessions WHERE expires_at_ms < ? OR seen_at_ms < ?', [
        now,
        now - maxIdleMs,
      ])
      await database.query(
        `INSERT INTO console_sessions
           (hash, csrf_token, role, member_id, workspaces, display_name, signed_in_by, created_at_ms, seen_at_ms, expires_at_ms)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [
          hashText(secret),
          csrfToken,
          owner.role,
          owner.memberId,
          owner.workspaces === null ? null : JSON.stringify(owner.workspaces),
          owner.displayName,
          owner.signedInBy,
          now,
          now,
          expiresAtMs,
        ],
      )
      return { secret, session: { ...owner, csrfToken, expiresAtMs } }
    },

    async find(secret) {
      if (!tokenPattern.test(secret)) return null
      const now = nowMs()
      const hash = hashText(secret)
      const [row] = await database.query(
        `SELECT console_sessions.* FROM console_sessions LEFT JOIN members ON members.id = member_id
         WHERE hash = ? AND expires_at_ms > ? AND seen_at_ms > ? AND archived_at_ms IS NULL`,
        [hash, now, now - maxIdleMs],
      )
      if (row === undefined) return null
      if (readNumber(row, 'seen_at_ms') < now - touchAfterMs)
        await database.query('UPDATE console_sessions SET seen_at_ms = ? WHERE hash = ?', [now, hash])
      return readSession(row)
    },

    async remove(secret) {
      await database.query('DELETE FROM console_sessions WHERE hash = ?', [hashText(secret)])
    },

    addLink: (token) => insertLink(database, token, nowMs()),

    addLogin: (secret, login, lifeMs) => insertLogin(database, { secret, login }, { nowMs: nowMs(), lifeMs }),
    takeLogin: (secret) => takeLogin(database, secret, nowMs()),

    async useLink(token) {
      if (!tokenPattern.test(token)) return false
      const now = nowMs()
      const used = await database.query(
        `UPDATE console_links SET used_at_ms = ? WHERE hash = ? AND used_at_ms IS NULL AND expires_at_ms > ? RETURNING hash`,
        [now, hashText(token), now],
      )
      return used.length === 1
    },
  }
}

/** Stores the token of a one-time link; expired ones are removed. */
export async function insertLink(queries: Queries, token: string, nowMs: number): Promise<void> {
  await queries.query('DELETE FROM console_links WHERE expires_at_ms < ?', [nowMs])
  await queries.query(
    'INSERT INTO console_links (hash, created_at_ms, expires_at_ms) VALUES (?, ?, ?) ON CONFLICT (hash) DO NOTHING',
    [hashText(token), nowMs, nowMs + linkLifeMs],
  )
}

interface TimeSpan {
  readonly nowMs: number
  readonly lifeMs: number
}

async function insertLogin(
  queries: Queries,
  { secret, login }: { readonly secret: string; readonly login: OidcLogin },
  { nowMs, lifeMs }: TimeSpan,
): Promise<void> {
  const { state, nonce, codeVerifier } = login
  await queries.query('DELETE FROM console_oidc_logins WHERE expires_at_ms < ?', [nowMs])
  await queries.query(
    'INSERT INTO console_oidc_logins (hash, state, nonce, code_verifier, expires_at_ms) VALUES (?, ?, ?, ?, ?)',
    [hashText(secret), state, nonce, codeVerifier, nowMs + lifeMs],
  )
}

async function takeLogin(queries: Queries, secret: string, nowMs: number): Promise<OidcLogin | null> {
  const [row] = await queries.query(
    'DELETE FROM console_oidc_logins WHERE hash = ? AND expires_at_ms > ? RETURNING state, nonce, code_verifier',
    [hashText(secret), nowMs],
  )
  if (row === undefined) return null
  return {
    state: readText(row, 'state'),
    nonce: readText(row, 'nonce'),
    codeVerifier: readText(row, 'code_verifier'),
  }
}

/** 256 random bits. */
export function createToken(): string {
  return randomBytes(32).toString('base64url')
}

const tokenPattern = /^[\w-]{43}$/

function hashText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function readSession(row: SqlRow): ConsoleSession {
  const workspaces = readNullable(row, 'workspaces', readText)
  return {
    // Written by `create` above.
    role: readText(row, 'role') as Role,
    memberId: readNullable(row, 'member_id', readText),
    // Written by `create` above, so it is an array of strings.
    workspaces: workspaces === null ? null : (JSON.parse(workspaces) as string[]),
    displayName: readText(row, 'display_name'),
    // Written by `create` above.
    signedInBy: readText(row, 'signed_in_by') as SignInMethod,
    csrfToken: readText(row, 'csrf_token'),
    expiresAtMs: readNumber(row, 'expires_at_ms'),
  }
}
