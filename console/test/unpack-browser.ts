import { findBrowser } from './browser.ts'

/** Unpacks Chromium before the first test: a process would start what another one is still writing. */
export async function setup(): Promise<void> {
  const { TMPDIR: before } = process.env
  try {
    await findBrowser()
  } catch {
    // The tests that need it fail with the reason.
  }
  if (before === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = before
}
