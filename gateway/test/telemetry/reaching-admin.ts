import { adminKey } from './admin-key.ts'
import type { Reaching } from './reaching.ts'

const headers = { 'x-api-key': adminKey, 'content-type': 'application/json' }

/** Limits of the admin API, whose errors have a form of their own. */
export const reachingOfAdmin = {
  adminBodyBytes: {
    limits: { adminBodyBytes: 10 },
    act: async (gateway) => {
      const workspace = JSON.stringify({ name: 'a name that is too long' })
      const answer = await gateway.post(workspace, { path: '/admin/v1/workspaces', headers })
      if (answer.status !== 413) throw new Error(`status ${answer.status}: ${answer.text}`)
    },
  },
  adminRequestsPerMinute: {
    limits: { adminRequestsPerMinute: 1 },
    act: async (gateway) => {
      const send = () => gateway.post('{"name":"research"}', { path: '/admin/v1/workspaces', headers })
      const statuses = [(await send()).status, (await send()).status]
      if (statuses[1] !== 429) throw new Error(`statuses ${statuses.join(' and ')}`)
    },
  },
} as const satisfies Readonly<Record<string, Reaching>>
