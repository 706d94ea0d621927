/** How a person calls the binary from where it lies: in the repository it is not installed under its own name. */
export const invocation = import.meta.url.endsWith('.ts') ? 'npx --no anthology' : 'npx @anthology/cli'
