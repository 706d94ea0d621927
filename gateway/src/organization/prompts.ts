import { createHash } from 'node:crypto'

import { GatewayError } from '../errors.ts'
import { randomText } from '../http/request-id.ts'
import { readNullable, readNumber, readText } from '../store/database.ts'
import type { Queries, SqlRow } from '../store/database.ts'
import { printTime } from './change.ts'
import type { Change } from './change.ts'
import { checkName } from './name.ts'
import type { ListOptions } from './workspaces.ts'

/** A prompt of the playground, saved for a workspace. */
export interface Prompt {
  readonly id: string
  readonly workspaceId: string
  readonly name: string
  readonly latestVersion: number
  readonly createdAtMs: number
  readonly archivedAtMs: number | null
}

/** One version of a prompt. It never changes. */
export interface PromptVersion {
  readonly promptId: string
  /** From 1. */
  readonly version: number
  readonly note: string
  /** The JSON that the console wrote. */
  readonly content: string
  readonly actor: string
  readonly createdAtMs: number
}

/** The parts of a version that a user gives. */
export type NewVersion = Pick<PromptVersion, 'note' | 'content' | 'actor' | 'createdAtMs'>

/** Creates a prompt with its first version. Throws a GatewayError for a name that is taken in the workspace. */
export async function createPrompt(
  queries: Queries,
  { name, workspaceId }: Pick<Prompt, 'name' | 'workspaceId'>,
  first: NewVersion,
): Promise<Change<PromptVersion>> {
  const prompt: Prompt = {
    id: `prompt_${randomText(16)}`,
    workspaceId,
    name: checkName(name),
    latestVersion: 1,
    createdAtMs: first.createdAtMs,
    archivedAtMs: null,
  }
  const inserted = await queries.query(
    `INSERT INTO prompts (id, workspace_id, name, latest_version, created_at_ms) VALUES (?, ?, ?, 1, ?)
     ON CONFLICT DO NOTHING RETURNING id`,
    [prompt.id, workspaceId, prompt.name, prompt.createdAtMs],
  )
  if (inserted.length === 0)
    throw new GatewayError('name_taken', `a prompt of this workspace is named '${prompt.name}' already`)
  const version = await insertVersion(queries, { ...first, promptId: prompt.id, version: 1 })
  return describeChange(prompt, null, version, version)
}

/** Adds a version to a live prompt. */
export async function addPromptVersion(
  queries: Queries,
  prompt: Prompt,
  added: NewVersion,
): Promise<Change<PromptVersion>> {
  const rows = await queries.query(
    `UPDATE prompts SET latest_version = latest_version + 1 WHERE id = ? AND archived_at_ms IS NULL
     RETURNING latest_version`,
    [prompt.id],
  )
  const [row] = rows
  if (row === undefined) throw new GatewayError('conflict', `the prompt '${prompt.name}' is archived`)
  const number = readNumber(row, 'latest_version')
  const version = await insertVersion(queries, { ...added, promptId: prompt.id, version: number })
  return describeChange({ ...prompt, latestVersion: number }, prompt, version, version)
}

/** Archives a prompt. Its versions stay, so that links to them keep working. */
export async function archivePrompt(
  queries: Queries,
  prompt: Prompt,
  nowMs: number,
): Promise<Change<Prompt>> {
  const after = { ...prompt, archivedAtMs: prompt.archivedAtMs ?? nowMs }
  await queries.query('UPDATE prompts SET archived_at_ms = ? WHERE id = ?', [after.archivedAtMs, prompt.id])
  return describeChange(after, prompt, null, after)
}

/**
 * Finds a prompt of some workspaces by its id, or a live one by its name; null: of all workspaces. Throws a GatewayError
 * if there is none.
 */
export async function findPrompt(
  queries: Queries,
  idOrName: string,
  workspaces: ReadonlySet<string> | null,
): Promise<Prompt> {
  const rows = await queries.query(
    `SELECT ${columns} FROM prompts WHERE id = ? OR (name = ? AND archived_at_ms IS NULL)
     ORDER BY created_at_ms, id`,
    [idOrName, idOrName],
  )
  const found = rows.map(readPrompt).filter((prompt) => workspaces?.has(prompt.workspaceId) !== false)
  const prompt = found.find(({ id }) => id === idOrName) ?? found[0]
  if (prompt === undefined)
    throw new GatewayError('not_found', `there is no prompt '${idOrName.slice(0, 100)}'`)
  return prompt
}

/** Lists prompts in the order of their creation. `workspaces` null: of all workspaces. */
export async function listPrompts(
  queries: Queries,
  { after, limit, archived, workspaces }: Required<ListOptions> & { workspaces: ReadonlySet<string> | null },
): Promise<readonly Prompt[]> {
  const [createdAtMs, id] = after ?? [-1, '']
  const visible =
    workspaces === null ? '' : `AND workspace_id IN (${[...workspaces].map(() => '?').join(', ') || 'NULL'})`
  const rows = await queries.query(
    `SELECT ${columns} FROM prompts
     WHERE (created_at_ms > ? OR (created_at_ms = ? AND id > ?)) ${archived ? '' : 'AND archived_at_ms IS NULL'}
       ${visible}
     ORDER BY created_at_ms, id LIMIT ?`,
    [createdAtMs, createdAtMs, id, ...(workspaces ?? []), limit],
  )
  return rows.map(readPrompt)
}

/** Lists the versions of a prompt, the newest first, without their content. */
export async function listPromptVersions(
  queries: Queries,
  promptId: string,
  { before, limit }: { readonly before: number | null; readonly limit: number },
): Promise<readonly Omit<PromptVersion, 'content'>[]> {
  const rows = await queries.query(
    `SELECT prompt_id, version, note, '' AS content, actor, created_at_ms FROM prompt_versions
     WHERE prompt_id = ? AND version < ? ORDER BY version DESC LIMIT ?`,
    [promptId, before ?? Number.MAX_SAFE_INTEGER, limit],
  )
  return rows.map(readVersion)
}

export async function findPromptVersion(
  queries: Queries,
  promptId: string,
  version: number,
): Promise<PromptVersion> {
  const [row] = await queries.query(
    `SELECT prompt_id, version, note, content, actor, created_at_ms FROM prompt_versions
     WHERE prompt_id = ? AND version = ?`,
    [promptId, version],
  )
  if (row === undefined) throw new GatewayError('not_found', `the prompt has no version ${version}`)
  return readVersion(row)
}

export function printPrompt({ id, workspaceId, name, latestVersion, createdAtMs, archivedAtMs }: Prompt) {
  return {
    id,
    workspace_id: workspaceId,
    name,
    latest_version: latestVersion,
    created_at: printTime(createdAtMs),
    archived_at: printTime(archivedAtMs),
  }
}

export function printVersionFacts(version: Omit<PromptVersion, 'content'>) {
  const { promptId, version: number, note, actor, createdAtMs } = version
  return { prompt_id: promptId, version: number, note, actor, created_at: printTime(createdAtMs) }
}

export function printVersion(version: PromptVersion) {
  return { ...printVersionFacts(version), content: JSON.parse(version.content) as object } // Written as JSON.
}

async function insertVersion(queries: Queries, version: PromptVersion): Promise<PromptVersion> {
  const { promptId, version: number, note, content, actor, createdAtMs } = version
  await queries.query(
    `INSERT INTO prompt_versions (prompt_id, version, note, content, actor, created_at_ms)
     VALUES (?, ?, ?, ?, ?, ?)`,
    [promptId, number, note, content, actor, createdAtMs],
  )
  return version
}

/** The audit log gets the digest of a content and not its text: the text is in the version. */
function describeChange<Result>(
  after: Prompt,
  before: Prompt | null,
  version: PromptVersion | null,
  result: Result,
): Change<Result> {
  const digest =
    version === null ? {} : { content_sha256: createHash('sha256').update(version.content).digest('hex') }
  return {
    kind: 'prompt',
    id: after.id,
    workspaceId: after.workspaceId,
    before: before === null ? null : printPrompt(before),
    after: { ...printPrompt(after), ...digest },
    result,
  }
}

const columns = 'id, workspace_id, name, latest_version, created_at_ms, archived_at_ms'

function readPrompt(row: SqlRow): Prompt {
  return {
    id: readText(row, 'id'),
    workspaceId: readText(row, 'workspace_id'),
    name: readText(row, 'name'),
    latestVersion: readNumber(row, 'latest_version'),
    createdAtMs: readNumber(row, 'created_at_ms'),
    archivedAtMs: readNullable(row, 'archived_at_ms', readNumber),
  }
}

function readVersion(row: SqlRow): PromptVersion {
  return {
    promptId: readText(row, 'prompt_id'),
    version: readNumber(row, 'version'),
    note: readText(row, 'note'),
    content: readText(row, 'content'),
    actor: readText(row, 'actor'),
    createdAtMs: readNumber(row, 'created_at_ms'),
  }
}
