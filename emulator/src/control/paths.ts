/** The control API stands on the emulator's own port, at these paths without any prefix. */
export const controlPaths = {
  scenario: '/emulator/v1/scenario',
  faults: '/emulator/v1/faults',
  requests: '/emulator/v1/requests',
  verify: '/emulator/v1/verify',
  clock: '/emulator/v1/clock',
  reset: '/emulator/v1/reset',
  health: '/healthz',
} as const

export type ControlEndpoint = keyof typeof controlPaths

/** The largest body of a request to the control API. */
export const maxControlBytes = 4 * 1024 * 1024

/** Whether a request's target belongs to the control API, whether or not it has such an endpoint. */
export function isControlTarget(target: string): boolean {
  // Every request of the port is tested, so the path is not split before.
  return (
    target.startsWith('/emulator/') ||
    (target.startsWith(controlPaths.health) && getPath(target) === controlPaths.health)
  )
}

/** The endpoint of a target; null: there is none. */
export function findControlEndpoint(target: string): ControlEndpoint | null {
  const path = getPath(target)
  for (const name in controlPaths) {
    // The keys of the table are its own.
    const endpoint = name as ControlEndpoint
    if (controlPaths[endpoint] === path) return endpoint
  }
  return null
}

function getPath(target: string): string {
  const [path = ''] = target.split('?', 1)
  return path
}
