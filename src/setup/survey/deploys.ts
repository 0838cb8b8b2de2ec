import { oneLine } from '../../core/text.ts'
import { addImage } from './containers.ts'
import type { Deploys, Named, NamedEnvironment } from './facts.ts'
import { at, readYaml, members, items, textAt } from './structured.ts'
import type { Tree } from './tree.ts'
import type { Workflow } from './workflows.ts'

const deployWords = /\bdeploy(?!-?pages|ment-status)|\brollout\b|\bhosting\b/i
const deployTools =
  /\b(?:flyctl|fly) deploy\b|\bkamal deploy\b|\bvercel\b.*--prod|\bkubectl (?:apply|set image|rollout)\b|\bhelm upgrade\b|\bcap \w+ deploy\b|\baws (?:ecs|deploy|lambda)\b|\bgcloud (?:run|app) deploy\b|\beb deploy\b|\bserverless deploy\b|\bgit push (?:heroku|dokku)\b|\bdocker(?:-| )compose\b.*\bup -d\b|\bdocker stack deploy\b|api\.render\.com\/deploy/
const deployActions =
  /^(?:azure\/(?:webapps-deploy|k8s-deploy|container-apps)|superfly\/|appleboy\/ssh-action|akhileshns\/heroku-deploy|aws-actions\/amazon-ecs-deploy|google-github-actions\/(?:deploy|get-gke)|cloudflare\/wrangler-action|amondnet\/vercel-action|digitalocean\/app_action|peter-evans\/repository-dispatch)/i
const imageActions =
  /^[\w.-]+\/(?:docker-)?build-push(?:-action)?@|^docker\/metadata-action@|\/docker-build-push@/

/** The workflows that look as if they brought something somewhere. */
export function readDeploys(workflows: readonly Workflow[]): Deploys[] {
  return workflows.flatMap(({ path, name, triggers, jobs }) => {
    const kind = kindOf(path, name, jobs)
    if (kind === null) return []
    const line = jobs[0]?.line ?? null
    return [{ workflow: oneLine(name, 80), evidence: { path, line }, triggers, kind }]
  })
}

function kindOf(path: string, name: string, jobs: Workflow['jobs']): Deploys['kind'] | null {
  const steps = jobs.flatMap((job) => job.steps)
  const file = path.replace(/^.*\//, '')
  const isNamed = deployWords.test(`${file} ${name}`) || jobs.some(({ id }) => deployWords.test(id))
  const isTest = /test|\bci\b/i.test(`${file} ${name}`)
  const tools = steps.some(
    ({ run, uses }) =>
      deployActions.test(uses ?? '') || (!isTest && deployTools.test((run ?? '').slice(0, 8000))),
  )
  const hasTarget = jobs.some(({ environment }) => rankOf(environment?.name ?? '') !== null)
  if (isTest ? isNamed && tools : isNamed || tools || hasTarget) return 'deploys'
  return steps.some(({ uses }) => imageActions.test(uses ?? '')) ? 'builds images' : null
}

const ranks: readonly (readonly [RegExp, number])[] = [
  [/^(?:dev|develop|development|integration|qa|test|testing)$/, 0],
  [/^(?:staging|stage|stg|uat|preprod|pre-production|preproduction|canary|beta|acceptance)$/, 1],
  [/^(?:production|prod|prd|live)$/, 2],
]

/** Where an environment stands in the order; null for a name that is none of a running system. */
export function rankOf(name: string): number | null {
  return ranks.find(([pattern]) => pattern.test(name.toLowerCase()))?.[1] ?? null
}

/** A URL that a workflow talks to and whose host says which environment it is. */
export async function hostsOf(
  tree: Tree,
  workflows: readonly Workflow[],
): Promise<NamedEnvironment[]> {
  const found: NamedEnvironment[] = []
  const host =
    /https:\/\/((?:[\w-]+[.-])?(?:staging|stage|stg|uat|preprod)[.-][\w.-]+\.[a-z]{2,})(?=[\s/'"]|$)/gm
  for (const { path } of workflows) {
    for (const [index, line] of ((await tree.read(path)) ?? '').split('\n').entries()) {
      if (line.length > 300) continue
      for (const match of line.matchAll(host)) {
        const evidence = { path, line: index + 1 }
        found.push({ name: 'staging', url: `https://${match[1]!}`, evidence })
      }
    }
  }
  return found
}

/** What `environment:` of the jobs names. */
export function environmentsOf(workflows: readonly Workflow[]): NamedEnvironment[] {
  return workflows.flatMap(({ path, jobs }) =>
    jobs.flatMap(({ environment }) => {
      if (environment === null) return []
      const { name, url, line } = environment
      const literal = url !== null && !url.includes('${{') ? url : null
      return [{ name, url: literal, evidence: { path, line } }]
    }),
  )
}

/** Images that workflows name without an expression. */
export async function imagesOf(tree: Tree, workflows: readonly Workflow[]): Promise<Named[]> {
  const found: { images: Named[] } = { images: [] }
  for (const { path } of workflows) {
    const document = readYaml((await tree.read(path)) ?? '')[0]
    for (const [id, job] of members(at(document?.value, 'jobs'))) {
      for (const [index, step] of items(at(job, 'steps')).entries()) {
        if (!imageActions.test(textAt(step, 'uses') ?? '')) continue
        const images = textAt(step, 'with', 'images') ?? textAt(step, 'with', 'image')
        const line = document!.lineOf('jobs', id, 'steps', index, 'with', 'images')
        for (const image of images?.split(/[\n,]/).slice(0, 5) ?? [])
          addImage(image, { path, line }, found)
      }
    }
  }
  return found.images
}
