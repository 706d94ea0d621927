/** How to call the binary: in the repository it is not installed under its own name. */
export const invocation = import.meta.url.endsWith('.ts') ? 'npx --no anthology' : 'npx @anthology/cli'
