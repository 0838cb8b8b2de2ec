import { HubError, notFound, page, type Operation } from '../operation.ts'
import { nodeId, repositoryUrl } from '../views.ts'
import { runOf, shortRef, type Engine } from './engine.ts'
import type { Artifact, RunState } from './state.ts'

const base = '/repos/{owner}/{repo}/actions'

/** Artifacts are listed of the run, whichever attempt uploaded them, and downloaded by a redirect. */
export function artifactOperations(engine: Engine): Operation[] {
  return [
    {
      method: 'GET',
      path: `${base}/runs/{run_id}/artifacts`,
      permission: 'actions=read',
      handle(request) {
        const run = runOf(engine, request.params['run_id'])
        const name = request.query.get('name')
        const wanted = run.artifacts.filter((artifact) => name === null || artifact.name === name)
        const views = wanted.map((artifact) => artifactView(engine, run, artifact))
        return page(request, views.toReversed(), 'artifacts')
      },
    },
    {
      method: 'GET',
      path: `${base}/artifacts/{artifact_id}/{archive_format}`,
      permission: 'actions=read',
      handle({ params }) {
        const all = engine.runs.flatMap(({ artifacts }) => artifacts)
        const found = all.find(({ id }) => String(id) === params['artifact_id'])
        if (found === undefined || params['archive_format'] !== 'zip') throw notFound()
        if (found.expired) throw new HubError(410, 'Artifact has expired')
        const filename = `${found.name}.zip`
        const location = engine.core.serve(found.content, { type: 'application/zip', filename })
        return { status: 302, headers: { location } }
      },
    },
  ]
}

export function uploadArtifact(
  { core }: Engine,
  run: RunState,
  name: string,
  content: Uint8Array,
): string {
  const id = core.nextId()
  run.artifacts.push({ id, name, content, createdAt: core.clock.now(), expired: false })
  return String(id)
}

function artifactView({ core }: Engine, run: RunState, artifact: Artifact) {
  const url = `${repositoryUrl(core)}/actions/artifacts/${artifact.id}`
  const time = core.clock.iso(artifact.createdAt)
  return {
    id: artifact.id,
    node_id: nodeId('Artifact', artifact.id),
    name: artifact.name,
    size_in_bytes: artifact.content.length,
    url,
    archive_download_url: `${url}/zip`,
    expired: artifact.expired,
    created_at: time,
    expires_at: core.clock.iso(artifact.createdAt + 90 * 24 * 3_600_000),
    updated_at: time,
    workflow_run: {
      id: run.id,
      repository_id: 1,
      head_repository_id: 1,
      head_branch: shortRef(run.ref),
      head_sha: run.sha,
    },
  }
}
