import {
  archiveWorkspace,
  createWorkspace,
  listWorkspaces,
  printWorkspace,
  renameWorkspace,
} from '@anthology/gateway'
import type { Workspace, StoreLocation } from '@anthology/gateway'

import { UsageError, getText } from '../command.ts'
import type { Command, Context, Values } from '../command.ts'
import { changeStore, readAction, readStore, readWord, rejectWords } from '../organization-store.ts'
import { dataOptions, readStoreSettings } from '../settings.ts'
import { alignColumns } from '../table.ts'

const actions = ['create', 'list', 'update', 'archive'] as const

export const command: Command = {
  name: 'workspaces',
  summary: 'Create, list, rename and archive workspaces',
  usage: 'create NAME | list [--archived] | update ID-OR-NAME --name NAME | archive ID-OR-NAME',
  example: 'anthology workspaces create research',
  words: actions,
  options: {
    ...dataOptions,
    name: { type: 'string', value: 'NAME', help: 'update: the new name, unique among live workspaces' },
    archived: { type: 'boolean', help: 'list: archived ones too' },
  },
  async run(context, values, positionals) {
    const { action, rest } = readAction('workspaces', actions, positionals)
    const location = readStoreSettings(context, values)
    if (action === 'list') {
      rejectWords('workspaces list', rest, 'It always lists all workspaces.')
      const archived = values['archived'] === true
      printAll(context, values, await readStore(location, (queries) => listWorkspaces(queries, { archived })))
      return 0
    }
    const word = readWord(
      `workspaces ${action}`,
      rest,
      `For example: anthology workspaces ${action} research`,
    )
    const workspace = await change[action](location, word, values)
    const done = {
      create: 'is created',
      update: 'is renamed',
      archive: 'is archived, and its keys are revoked',
    }
    context.out(
      values['json'] === true
        ? JSON.stringify(printWorkspace(workspace))
        : `${workspace.id} (${workspace.name}) ${done[action]}.`,
    )
    return 0
  },
}

type MakeChange = (location: StoreLocation, word: string, values: Values) => Promise<Workspace>

const change: Readonly<Record<'create' | 'update' | 'archive', MakeChange>> = {
  create: (location, name) =>
    changeStore(location, {
      action: 'createWorkspace',
      creates: true,
      changesKeys: false,
      work: (queries, nowMs) => createWorkspace(queries, { name }, nowMs),
    }),
  update: (location, idOrName, values) => {
    const name = getText(values, 'name')
    if (name === undefined)
      throw new UsageError('workspaces update needs --name NAME', 'A workspace has nothing else to change.')
    return changeStore(location, {
      action: 'updateWorkspace',
      creates: false,
      changesKeys: false,
      work: (queries) => renameWorkspace(queries, idOrName, name),
    })
  },
  archive: (location, idOrName) =>
    changeStore(location, {
      action: 'archiveWorkspace',
      creates: false,
      changesKeys: true,
      work: (queries, nowMs) => archiveWorkspace(queries, idOrName, nowMs),
    }),
}

function printAll(context: Context, values: Values, workspaces: readonly Workspace[]): void {
  if (values['json'] === true) return context.out(JSON.stringify(workspaces.map(printWorkspace), null, 2))
  const rows = workspaces.map(({ id, name, createdAtMs, archivedAtMs }) => [
    id,
    name,
    printDay(createdAtMs),
    archivedAtMs === null ? 'live' : `archived ${printDay(archivedAtMs)}`,
  ])
  for (const line of alignColumns([['ID', 'NAME', 'CREATED', 'STATE'], ...rows])) context.out(line)
}

function printDay(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}
