/** The CPU time of this thread so far, in milliseconds. On a busy machine, wall time contains the work of others. */
export function readThreadMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1_000
}
