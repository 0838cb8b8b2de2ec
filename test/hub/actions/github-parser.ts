import '../../support/json-imports.ts'

/** GitHub's own parser and evaluator: it takes a fifth of a second to load them. */
export async function loadGitHubParser() {
  const [parser, expressions] = await Promise.all([
    import('@actions/workflow-parser'),
    import('@actions/expressions'),
  ])
  return { parser, expressions }
}

export type GitHubParser = Awaited<ReturnType<typeof loadGitHubParser>>
