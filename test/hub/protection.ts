import { notFound, ok, page, reading, type HubCore, type Operation } from './operation.ts'
import { idOf, repositoryUrl } from './views.ts'

const below = '/repos/{owner}/{repo}'

/** What must pass on a branch: by rulesets, and by the classic protection only administrators read. */
export function protectionOperations(core: HubCore): Operation[] {
  return [
    reading(`${below}/rules/branches/{branch}`, 'metadata=read', (request) =>
      page(request, [
        ...rulesOf(core, request.params['branch'] ?? ''),
        ...pullRequestRules(core, request.params['branch'] ?? ''),
      ]),
    ),
    reading(
      `${below}/branches/{branch}/protection/required_status_checks`,
      'administration=read',
      ({ params }) => ok(classicProtection(core, params['branch'] ?? '')),
    ),
    reading(`${below}/rulesets/{ruleset_id}`, 'metadata=read', ({ params }) =>
      ok(rulesetView(core, Number(params['ruleset_id']))),
    ),
  ]
}

/** The first number is that of the required checks. */
const firstRuleset = 10

function rulesetView(core: HubCore, id: number) {
  const ruleset = core.settings.rulesets[id - firstRuleset]
  if (ruleset === undefined) throw notFound()
  return {
    id,
    name: `${ruleset.branch} by request`,
    target: 'branch',
    source_type: 'Repository',
    source: `${core.owner}/${core.name}`,
    enforcement: 'active',
    current_user_can_bypass: ruleset.bypass,
  }
}

function pullRequestRules(core: HubCore, wanted: string): unknown[] {
  return core.settings.rulesets.flatMap(({ branch, approvals, lastPush = true }, index) =>
    branch === wanted
      ? [
          {
            type: 'pull_request',
            ruleset_source_type: 'Repository',
            ruleset_source: `${core.owner}/${core.name}`,
            ruleset_id: firstRuleset + index,
            parameters: {
              dismiss_stale_reviews_on_push: true,
              require_code_owner_review: false,
              require_last_push_approval: lastPush,
              required_approving_review_count: approvals,
              required_review_thread_resolution: false,
            },
          },
        ]
      : [],
  )
}

function rulesOf(core: HubCore, branch: string): unknown[] {
  const { ruleset: contexts = [], app } = core.settings.requiredChecks.get(branch) ?? {}
  const source = app === undefined ? {} : { integration_id: idOf(app) }
  if (contexts.length === 0) return []
  return [
    {
      type: 'required_status_checks',
      ruleset_source_type: 'Repository',
      ruleset_source: `${core.owner}/${core.name}`,
      ruleset_id: 1,
      parameters: {
        required_status_checks: contexts.map((context) => ({ context, ...source })),
        strict_required_status_checks_policy: false,
      },
    },
  ]
}

function classicProtection(core: HubCore, branch: string) {
  const contexts = core.settings.requiredChecks.get(branch)?.classic ?? []
  if (contexts.length === 0) throw notFound()
  const url = `${repositoryUrl(core)}/branches/${branch}/protection/required_status_checks`
  return {
    url,
    strict: false,
    contexts,
    checks: contexts.map((context) => ({ context, app_id: null })),
    contexts_url: `${url}/contexts`,
  }
}
