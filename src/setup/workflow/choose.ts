import { rankOf } from '../survey/deploys.ts'
import type { Deploys, Facts } from '../survey/facts.ts'

/** What a project on GitHub is deployed by: a workflow it has, or the one that comes with gonogo. */
export type ChosenWorkflow =
  | { kind: 'existing'; path: string }
  | { kind: 'reference'; path: string }

const newWorkflow = '.github/workflows/cd.yml'

/** A workflow that can be started from outside; of several the one that names environments. */
export function chooseWorkflow({ deploys, environments }: Facts): ChosenWorkflow {
  const names = (path: string) =>
    environments.some(({ name, evidence }) => evidence.path === path && rankOf(name) !== null)
  const found = deploys.filter(isStartable).map(({ evidence }) => evidence.path)
  const path = found.find(names) ?? found[0]
  if (path !== undefined) return { kind: 'existing', path }
  return { kind: 'reference', path: newWorkflow }
}

function isStartable({ kind, triggers }: Deploys): boolean {
  return kind === 'deploys' && triggers.includes('workflow_dispatch')
}
