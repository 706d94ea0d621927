import type { AdminRequest, AdminRoute } from './route.ts'
import { describeObject, describeText, describeTime } from './schema.ts'

async function createLink({ context }: AdminRequest): Promise<object> {
  const { token, expiresAtMs } = await context.console.sessions.createLink()
  return { token, expires_at: new Date(expiresAtMs).toISOString() }
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
    serve: createLink,
  },
]
