import { findEnvironment } from '../../../src/core/project.ts'
import type { Call } from '../../../src/ports/context.ts'
import type { CheckSubject } from '../../../src/tools/checks/check-runner.ts'
import { release } from '../../support/fake-ports.ts'

/** `v2` for an environment that runs `v1`. */
export function subjectFor(
  call: Call,
  environment: string,
  changes: Partial<CheckSubject> = {},
): CheckSubject {
  return {
    environment: findEnvironment(call.project, environment)!,
    release: {
      ...release('2'),
      git_ref: 'v2',
      kind: 'tag',
      committed_at: '2030-01-01T00:00:00Z',
      subject: 'a change',
    },
    now: { release: release('1'), source: 'pipeline', live: { asked: false }, drift: null },
    allowOlder: false,
    ...changes,
  }
}
