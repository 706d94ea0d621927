/** Resolves once `holds` is true; fails with `what` after the deadline. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  deadlineMs = 8_000,
): Promise<void> {
  const endMs = Date.now() + deadlineMs
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`timed out waiting: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
