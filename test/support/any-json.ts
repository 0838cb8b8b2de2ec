/** JSON from another process. Its shape is what tests assert, so they look into it as it comes. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyJson = Record<string, any>
