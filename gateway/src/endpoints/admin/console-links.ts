import { createToken, insertLink, linkLifeMs } from '../../auth/console-sessions.ts'
import type { Change } from '../../organization/change.ts'
import type { Queries } from '../../store/database.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import { describeObject, describeText, describeTime } from './schema.ts'

async function createLink({ context }: AdminRequest, queries: Queries): Promise<Change<object>> {
  const token = createToken()
  const nowMs = context.nowMs()
  await insertLink(queries, token, nowMs)
  const expires = { expires_at: new Date(nowMs + linkLifeMs).toISOString() }
  return {
    kind: 'console_link',
    id: 'console',
    workspaceId: null,
    before: null,
    after: expires,
    result: { token, ...expires },
  }
}

export const consoleLinkRoutes: readonly AdminRoute[] = [
  {
    method: 'POST',
    path: '/admin/v1/console-links',
    roles: [],
    operation: 'createConsoleLink',
    summary: 'Creates a link that signs an administrator in at the console once',
    answer: describeObject({
      token: describeText('The link is /console/#sign-in= with this token.'),
      expires_at: describeTime('When an unused link stops working.'),
    }),
    status: 201,
    example: {},
    change: createLink,
  },
]
