import type { Caller } from '../../auth/caller.ts'
import { defaultWorkspaceId } from '../../auth/key-record.ts'
import { GatewayError } from '../../errors.ts'
import type { Change } from '../../organization/change.ts'
import {
  addPromptVersion,
  archivePrompt,
  createPrompt,
  findPrompt,
  findPromptVersion,
  listPrompts,
  listPromptVersions,
  printPrompt,
  printVersion,
  printVersionFacts,
} from '../../organization/prompts.ts'
import type { NewVersion, Prompt, PromptVersion } from '../../organization/prompts.ts'
import { findLiveWorkspace } from '../../organization/workspaces.ts'
import type { Queries } from '../../store/database.ts'
import { decodePlace, makePage } from './page.ts'
import type { PageQuery } from './page.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import {
  describeObject,
  describeOptions,
  describePage,
  describeText,
  describeTime,
  orNull,
  pageParameters,
} from './schema.ts'

const name = describeText('Unique among the live prompts of its workspace.', { minLength: 1, maxLength: 200 })
const note = describeText('What this version changes.', { maxLength: 1_000 })
const content = {
  type: 'object',
  description: 'The prompt with its models and settings, as the console wrote it. It is kept as it is.',
}

const prompt = describeObject(
  {
    id: { type: 'string' },
    workspace_id: { type: 'string' },
    name,
    latest_version: { type: 'integer' },
    created_at: describeTime('When it was created.'),
    archived_at: orNull(describeTime('When it was archived; null: it is live.')),
  },
  { title: 'Prompt' },
)

const versionFacts = {
  prompt_id: { type: 'string' },
  version: { type: 'integer', description: 'From 1.' },
  note,
  actor: describeText('Who wrote it.'),
  created_at: describeTime('When it was written.'),
}

const versionEntry = describeObject(versionFacts, { title: 'PromptVersionEntry' })
const version = describeObject({ ...versionFacts, content }, { title: 'PromptVersion' })

interface VersionInput {
  readonly note?: string
  readonly content: object
}

async function list({ context, caller, query }: AdminRequest): Promise<object> {
  const { limit, after, archived } = query as PageQuery & { readonly archived: boolean } // Validated.
  const place = decodePlace(after, ['number', 'string']) as [number, string] | null // Its types were checked.
  const workspaces = caller.workspaces
  const rows = await listPrompts(context.database, { after: place, limit: limit + 1, archived, workspaces })
  return makePage(rows, limit, { print: printPrompt, place: (row: Prompt) => [row.createdAtMs, row.id] })
}

async function listVersions(request: AdminRequest): Promise<object> {
  const { limit, after } = request.query as PageQuery // Validated.
  const { id } = await findVisible(request, request.context.database)
  const before = Number(decodePlace(after, ['number'])?.[0] ?? Number.MAX_SAFE_INTEGER)
  const rows = await listPromptVersions(request.context.database, id, { before, limit: limit + 1 })
  return makePage(rows, limit, { print: printVersionFacts, place: (row) => [row.version] })
}

async function getVersion(request: AdminRequest): Promise<object> {
  const { id } = await findVisible(request, request.context.database)
  const text = request.parameters['version'] ?? ''
  const number = /^\d{1,15}$/.test(text) ? Number(text) : 0
  return printVersion(await findPromptVersion(request.context.database, id, number))
}

/** A prompt of a workspace that the caller may not see does not exist for it. */
function findVisible({ caller, parameters }: AdminRequest, queries: Queries): Promise<Prompt> {
  return findPrompt(queries, parameters['id'] ?? '', caller.workspaces)
}

/** The workspace that is named, or the default one, or the first that the caller may see. */
async function chooseWorkspace(queries: Queries, caller: Caller, named: string | undefined): Promise<string> {
  const [first] = caller.workspaces ?? []
  const isDefaultVisible = caller.workspaces === null || caller.workspaces.has(defaultWorkspaceId)
  const wanted = named ?? (isDefaultVisible ? defaultWorkspaceId : (first ?? ''))
  const { id } = await findLiveWorkspace(queries, wanted)
  if (caller.workspaces?.has(id) === false)
    throw new GatewayError('not_found', `there is no workspace '${wanted.slice(0, 100)}'`)
  return id
}

function readVersionInput({ context, caller, body }: AdminRequest): NewVersion {
  const given = body as VersionInput // Validated by the schema.
  return {
    note: given.note ?? '',
    content: JSON.stringify(given.content),
    actor: caller.actor,
    createdAtMs: context.nowMs(),
  }
}

function printResult(change: Change<PromptVersion>): Change<object> {
  return { ...change, result: printVersion(change.result) }
}

const path = '/admin/v1/prompts'
const example = { parameters: { id: 'Example prompt' } }
const exampleContent = { draft: { system: 'You are a concise assistant.' } }

export const promptRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path,
    roles: ['member', 'viewer'],
    operation: 'listPrompts',
    summary: 'Lists the saved prompts, oldest first',
    query: describeOptions({
      ...pageParameters,
      archived: { type: 'boolean', default: false, description: 'List archived ones too.' },
    }),
    answer: describePage(prompt),
    example: { query: 'limit=10' },
    serve: list,
  },
  {
    method: 'POST',
    path,
    roles: ['member'],
    operation: 'createPrompt',
    summary: 'Saves a prompt with its first version',
    body: describeObject(
      { name, workspace: describeText('Its id or name. Default: default.'), note, content },
      { optional: ['workspace', 'note'] },
    ),
    answer: version,
    status: 201,
    example: { body: { name: 'Example prompt', content: exampleContent } },
    change: async (request, queries) => {
      const given = request.body as VersionInput & { readonly name: string; readonly workspace?: string } // Validated.
      const workspaceId = await chooseWorkspace(queries, request.caller, given.workspace)
      const first = readVersionInput(request)
      return printResult(await createPrompt(queries, { name: given.name, workspaceId }, first))
    },
  },
  {
    method: 'GET',
    path: `${path}/{id}`,
    roles: ['member', 'viewer'],
    operation: 'getPrompt',
    summary: 'Shows a saved prompt, by its id or name, without its content',
    answer: prompt,
    example,
    serve: async (request) => printPrompt(await findVisible(request, request.context.database)),
  },
  {
    method: 'GET',
    path: `${path}/{id}/versions`,
    roles: ['member', 'viewer'],
    operation: 'listPromptVersions',
    summary: 'Lists the versions of a prompt, the newest first, without their content',
    query: describeOptions(pageParameters),
    answer: describePage(versionEntry),
    example,
    serve: listVersions,
  },
  {
    method: 'POST',
    path: `${path}/{id}/versions`,
    roles: ['member'],
    operation: 'addPromptVersion',
    summary: 'Adds a version to a prompt; versions never change',
    body: describeObject({ note, content }, { optional: ['note'] }),
    answer: version,
    status: 201,
    example: { ...example, body: { content: exampleContent } },
    change: async (request, queries) =>
      printResult(
        await addPromptVersion(queries, await findVisible(request, queries), readVersionInput(request)),
      ),
  },
  {
    method: 'GET',
    path: `${path}/{id}/versions/{version}`,
    roles: ['member', 'viewer'],
    operation: 'getPromptVersion',
    summary: 'Shows a version of a prompt with its content',
    answer: version,
    example: { parameters: { id: 'Example prompt', version: '1' } },
    serve: getVersion,
  },
  {
    method: 'DELETE',
    path: `${path}/{id}`,
    roles: ['member'],
    operation: 'archivePrompt',
    summary: 'Archives a prompt; its versions stay',
    answer: prompt,
    example,
    change: async (request, queries) => {
      const found = await findVisible(request, queries)
      const change = await archivePrompt(queries, found, request.context.nowMs())
      return { ...change, result: printPrompt(change.result) }
    },
  },
]
