import { nearest, oneLine } from '../../core/text.ts'
import { warn, type Finding } from '../finding.ts'
import type { Machine } from '../patient.ts'

/** Set by gonogo itself for the steps it runs, so they are there when it is run by one. */
const ofSteps = /^GONOGO_(?:COMMIT|VERSION|ENVIRONMENT|DEPLOYMENT_ID|STEP|COMPLETE\w*|TEST_\w+)$/

/** A misspelt variable changes nothing, and nothing would tell. */
export function variableFindings({ env, variables: known }: Machine): Finding[] {
  const strangers = Object.keys(env).filter((name) => !known.includes(name) && !ofSteps.test(name))
  return strangers.flatMap((name) => {
    const guess = /^(?:GONOGO|DEPLOYMENT)_/.test(name) ? nearest(name, known) : undefined
    // Others may well have variables that begin with DEPLOYMENT_.
    if (guess === undefined && !name.startsWith('GONOGO_')) return []
    const meant = guess === undefined ? '' : `; is it meant to be ${guess}?`
    const shown = oneLine(name, 60)
    return [
      warn('variable_unknown', `${shown} is set and nothing reads it${meant}`, `unset ${shown}`),
    ]
  })
}
