/** Resolves once `holds` is true; fails with `what` when the deadline passes first. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  deadlineMs = 120_000,
): Promise<void> {
  const endMs = Date.now() + deadlineMs
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`timed out waiting until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
