import type { Toolset } from './define-tool.ts'

/** Every toolset; apart from the tools, so that naming one loads none of them. */
export const toolsets: readonly Toolset[] = ['core', 'delivery']
