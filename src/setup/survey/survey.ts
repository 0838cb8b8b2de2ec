import { realpath } from 'node:fs/promises'
import { basename, relative } from 'node:path'
import type { Processes } from '../../ports/process.ts'
import { readContainers } from './containers.ts'
import { environmentsOf, hostsOf, imagesOf, readDeploys } from './deploys.ts'
import type { Facts, HealthPath } from './facts.ts'
import { surveyGit } from './git.ts'
import { manifestTests } from './manifest-tests.ts'
import { readMigrations } from './migrations.ts'
import { readPlatforms, readRelease, readVariables } from './platforms.ts'
import { readRoutes } from './routes.ts'
import { readStacks } from './stacks.ts'
import { lineOfMatch } from './structured.ts'
import { workflowTests } from './tests.ts'
import { readTree, type Tree, type TreeLimits } from './tree.ts'
import { readWorkflows } from './workflows.ts'

/** Reads a repository: facts with their evidence, and nothing is changed or started but git. */
export async function survey(
  directory: string,
  processes: Pick<Processes, 'run'>,
  limits?: TreeLimits,
): Promise<Facts> {
  const git = await surveyGit(directory, processes)
  const root = git.root ?? directory
  const here = await realpath(directory)
  const tree = await readTree(root, limits)
  return {
    directoryName: basename(root),
    toRoot: relative(here, root) || '.',
    git,
    ...(await readAll(tree)),
    limits: tree.limits(),
  }
}

async function readAll(tree: Tree) {
  const workflows = await readWorkflows(tree)
  const stacks = await readStacks(tree)
  const { groups, covered } = workflowTests(workflows, tree)
  const containers = await readContainers(tree)
  const platforms = await readPlatforms(tree)
  const routes = await readRoutes(tree)
  const health = [...platforms.health, ...containers.health, ...routes.health]
  return {
    stacks,
    tests: [...groups, ...(await manifestTests(tree, stacks, covered))],
    deploys: readDeploys(workflows),
    environments: [
      ...environmentsOf(workflows),
      ...platforms.environments,
      ...(await hostsOf(tree, workflows)),
    ],
    migrations: await readMigrations(tree),
    dockerfiles: containers.dockerfiles,
    images: [...containers.images, ...platforms.images, ...(await imagesOf(tree, workflows))],
    platforms: platforms.platforms,
    health: [...health, ...(await actuator(tree))],
    probes: containers.probes,
    version: routes.version,
    services: containers.services,
    compose: containers.compose,
    release: await readRelease(tree),
    variables: await readVariables(tree),
  }
}

/** Spring Boot serves its health by a dependency, without a route in the code. */
async function actuator(tree: Tree): Promise<HealthPath[]> {
  for (const path of ['pom.xml', 'build.gradle', 'build.gradle.kts']) {
    const line = lineOfMatch((await tree.read(path)) ?? '', /spring-boot-starter-actuator/)
    if (line === null) continue
    const evidence = { path, line }
    return [{ path: '/actuator/health', component: 'api', evidence, rank: 2, doubt: null }]
  }
  return []
}
