import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'

import { archiveMember, changeMemberRole, createMember, listMembersQuery } from '../../api/organization.ts'
import type { Member } from '../../api/organization.ts'
import { useMay } from '../../api/session.ts'
import type { Role } from '../../api/role.ts'
import { NextPage } from '../../app/next-page.tsx'
import { usePageSearch } from '../../app/search-state.ts'
import { useCreating } from '../../app/use-creating.ts'
import { Confirm } from '../../parts/confirm.tsx'
import { DataTable } from '../../parts/data-table.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Choice, TextField } from '../../parts/field.tsx'
import { FormDialog } from '../../parts/form-dialog.tsx'
import { formatDay } from '../../parts/format.ts'
import { Name } from '../../parts/name.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { QueryState } from '../../parts/query-state.tsx'
import { useRecentCost } from '../../parts/recent-cost.ts'
import { showToast } from '../../parts/toast.tsx'
import { memberTexts as texts } from '../../texts/manage.ts'
import { shellTexts } from '../../texts/shell.ts'

const roles = Object.keys(texts.roles) as readonly Role[] // The roles of the admin API.

export function MembersPage() {
  const [search] = usePageSearch()
  const query = useQuery(listMembersQuery(search['after']))
  const mayChange = useMay()
  const [isCreating, setCreating] = useCreating()
  return (
    <div className="page">
      <PageHead title={shellTexts.pages['/members']} lead={texts.lead}>
        {mayChange && (
          <button type="button" className="button primary" onClick={() => setCreating(true)}>
            {texts.create}
          </button>
        )}
      </PageHead>
      <QueryState query={query}>
        {({ data, next }) => (
          <>
            {data.length === 0 ? (
              <Empty title={mayChange ? texts.empty : texts.emptyToReaders} />
            ) : (
              <MemberTable members={data} mayChange={mayChange} />
            )}
            <NextPage next={next} />
          </>
        )}
      </QueryState>
      {isCreating && mayChange && <CreateMember onClose={() => setCreating(false)} />}
    </div>
  )
}

function CreateMember({ onClose }: { readonly onClose: () => void }) {
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [email, setEmail] = useState('')
  const [role, setRole] = useState<Role>('member')
  return (
    <FormDialog
      title={texts.create}
      action={texts.create}
      isOpen
      onClose={onClose}
      onSubmit={async () => {
        await createMember({ name, role, ...(email !== '' && { email }) })
        await queries.invalidateQueries({ queryKey: ['members'] })
      }}
    >
      <TextField label={texts.name} member="name" value={name} onChange={setName} isRequired />
      <TextField label={texts.email} member="email" value={email} onChange={setEmail} />
      <Choice
        label={texts.role}
        value={role}
        onChange={setRole}
        options={roles.map((value) => [value, texts.roles[value]] as const)}
      />
    </FormDialog>
  )
}

interface MemberTableProps {
  readonly members: readonly Member[]
  readonly mayChange: boolean
}

function MemberTable({ members, mayChange }: MemberTableProps) {
  const queries = useQueryClient()
  const printCost = useRecentCost('member')
  const [archiving, setArchiving] = useState<Member | null>(null)
  const setRole = async (member: Member, role: Role) => {
    try {
      await changeMemberRole(member.id, role)
      showToast(texts.roleSaved(member.name, role))
    } catch (error) {
      showToast(error instanceof Error ? error.message : String(error))
    }
    await queries.invalidateQueries({ queryKey: ['members'] })
  }
  return (
    <>
      <DataTable
        caption={texts.caption}
        rows={members}
        getId={({ id }) => id}
        columns={[
          { title: texts.columns.name, isHeading: true, cell: ({ name }) => <Name text={name} /> },
          {
            title: texts.columns.email,
            cell: ({ email }) => (email === null ? shellTexts.none : <Name text={email} />),
          },
          {
            title: texts.columns.role,
            cell: (member) => (mayChange ? <RoleChoice member={member} setRole={setRole} /> : member.role),
          },
          { title: texts.columns.cost, isNumber: true, cell: ({ id }) => printCost(id) },
          {
            title: texts.columns.created,
            cell: ({ created_at: time }) => <span className="nowrap">{formatDay(time)}</span>,
          },
          {
            title: texts.columns.actions,
            isActions: true,
            cell: (member) =>
              mayChange && (
                <button
                  type="button"
                  className="button small danger"
                  aria-label={texts.archiveLabel(member.name)}
                  onClick={() => setArchiving(member)}
                >
                  {texts.archive}
                </button>
              ),
          },
        ]}
      />
      {archiving !== null && (
        <Confirm
          isOpen
          title={texts.archiveTitle}
          text={texts.archiveText(archiving.name)}
          word={archiving.name}
          action={texts.archive}
          onClose={() => setArchiving(null)}
          onConfirm={async () => {
            await archiveMember(archiving.id)
            await queries.invalidateQueries()
          }}
        />
      )}
    </>
  )
}

interface RoleChoiceProps {
  readonly member: Member
  readonly setRole: (member: Member, role: Role) => Promise<void>
}

/**
 * A choice is saved by its button: the arrow keys choose every role that they pass. While it is sent, it is shown, and
 * another one has to wait: of two, the server may take the first one last.
 */
function RoleChoice({ member, setRole }: RoleChoiceProps) {
  const [chosen, setChosen] = useState<Role | null>(null)
  const choice = useRef<HTMLSelectElement>(null)
  const change = useMutation({
    mutationFn: (role: Role) => setRole(member, role),
    onSettled: () => setChosen(null),
  })
  const shown = change.isPending ? change.variables : (chosen ?? member.role)
  return (
    <span className="row nowrap">
      <select
        ref={choice}
        className="input"
        aria-label={texts.roleLabel(member.name)}
        value={shown}
        onChange={({ target }) => !change.isPending && setChosen(target.value as Role)} // The options below.
      >
        {roles.map((role) => (
          <option key={role} value={role}>
            {role}
          </option>
        ))}
      </select>
      {shown !== member.role && (
        <button
          type="button"
          className="button small primary"
          aria-label={texts.saveRoleLabel(member.name)}
          disabled={change.isPending}
          onClick={() => {
            // The button goes away.
            choice.current?.focus()
            change.mutate(shown)
          }}
        >
          {texts.saveRole}
        </button>
      )}
    </span>
  )
}
