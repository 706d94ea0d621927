/** Resolves once `holds` is true; fails with what was waited for when that does not come about in time. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  deadlineMs = 8_000,
): Promise<void> {
  const endMs = Date.now() + deadlineMs
  while (!(await holds())) {
    if (Date.now() > endMs) throw new Error(`it did not come about in time that ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}
