/** Whether the built files are missing or older than a source. */
export declare function isConsoleStale(): boolean
/** Builds with the given Node; throws if the build fails. */
export declare function buildConsole(node: string): void
