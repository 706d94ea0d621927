import {
  archiveMember,
  createMember,
  listMembers,
  printMember,
  roles,
  updateMember,
} from '@anthology/gateway'
import type { Member, MemberInput, StoreLocation } from '@anthology/gateway'

import { UsageError, getText } from '../command.ts'
import type { Command, Context, Values } from '../command.ts'
import { changeStore, readAction, readStore, readWord, rejectWords } from '../organization-store.ts'
import { dataOptions, readStoreSettings } from '../settings.ts'
import { alignColumns } from '../table.ts'

const actions = ['create', 'list', 'update', 'archive'] as const

export const command: Command = {
  name: 'members',
  summary: 'Create, list, change and archive members',
  usage: 'create NAME | list [--archived] | update ID-OR-NAME | archive ID-OR-NAME',
  example: 'anthology members create Ann --email ann@example.com --role billing',
  words: actions,
  options: {
    ...dataOptions,
    name: { type: 'string', value: 'NAME', help: 'update: the new name, unique among live members' },
    email: { type: 'string', value: 'ADDRESS', help: 'address by which a single sign-on finds the member' },
    role: { type: 'string', value: 'ROLE', help: `one of ${roles.join(', ')} (default member)` },
    workspaces: {
      type: 'string',
      value: 'NAME,...',
      help: 'workspaces that the member may see (default all)',
    },
    archived: { type: 'boolean', help: 'list: archived ones too' },
  },
  async run(context, values, positionals) {
    const { action, rest } = readAction('members', actions, positionals)
    const location = readStoreSettings(context, values)
    if (action === 'list') {
      rejectWords('members list', rest, 'It always lists all members.')
      const archived = values['archived'] === true
      printAll(context, values, await readStore(location, (queries) => listMembers(queries, { archived })))
      return 0
    }
    const word = readWord(`members ${action}`, rest, `For example: anthology members ${action} Ann`)
    const member = await change[action](location, word, readInput(values))
    const done = {
      create: 'is created',
      update: 'is changed',
      archive: 'is archived; their keys are revoked',
    }
    context.out(
      values['json'] === true
        ? JSON.stringify(printMember(member))
        : `${member.id} (${member.name}) ${done[action]}.`,
    )
    return 0
  },
}

type MakeChange = (location: StoreLocation, word: string, input: Partial<MemberInput>) => Promise<Member>

const change: Readonly<Record<'create' | 'update' | 'archive', MakeChange>> = {
  create: (location, name, input) =>
    changeStore(location, {
      action: 'createMember',
      creates: true,
      changesKeys: false,
      work: (queries, nowMs) => createMember(queries, { ...input, name }, nowMs),
    }),
  update: (location, idOrName, input) => {
    if (Object.keys(input).length === 0)
      throw new UsageError('members update needs a change', 'For example --role billing.')
    return changeStore(location, {
      action: 'updateMember',
      creates: false,
      changesKeys: false,
      work: (queries) => updateMember(queries, idOrName, input),
    })
  },
  archive: (location, idOrName) =>
    changeStore(location, {
      action: 'archiveMember',
      creates: false,
      changesKeys: true,
      work: (queries, nowMs) => archiveMember(queries, idOrName, nowMs),
    }),
}

/** The members that flags give. `none` removes an email, `all` a restriction to workspaces. */
function readInput(values: Values): Partial<MemberInput> {
  const [name, email, roleText, workspaces] = ['name', 'email', 'role', 'workspaces'].map((flag) =>
    getText(values, flag),
  )
  const role = roles.find((each) => each === roleText)
  if (roleText !== undefined && role === undefined)
    throw new UsageError(`there is no role ${JSON.stringify(roleText)}`, `Use ${roles.join(', ')}.`)
  return {
    ...(name !== undefined && { name }),
    ...(email !== undefined && { email: email === 'none' ? null : email }),
    ...(role !== undefined && { role }),
    ...(workspaces !== undefined && {
      workspaces: workspaces === 'all' ? null : workspaces.split(',').map((each) => each.trim()),
    }),
  }
}

function printAll(context: Context, values: Values, members: readonly Member[]): void {
  if (values['json'] === true) return context.out(JSON.stringify(members.map(printMember), null, 2))
  const rows = members.map(({ id, name, email, role, workspaces, archivedAtMs }) => [
    id,
    name,
    email ?? '-',
    role,
    workspaces === null ? 'all' : workspaces.join(', '),
    archivedAtMs === null ? 'live' : `archived ${new Date(archivedAtMs).toISOString().slice(0, 10)}`,
  ])
  const head = ['ID', 'NAME', 'EMAIL', 'ROLE', 'WORKSPACES', 'STATE']
  for (const line of alignColumns([head, ...rows])) context.out(line)
}
